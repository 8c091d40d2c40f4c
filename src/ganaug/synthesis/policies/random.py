"""Random selection: the control for all other policies."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy


@settings
class Random(Policy):
    """Keeps a random subset of the candidates of each class.

    This is the control for other policies: a policy that does no better gains nothing from its selection.
    """

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        return randomness.random(len(scores.label))
