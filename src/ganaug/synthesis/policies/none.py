"""No selection."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy


@settings
class NONE(Policy):  # `None` is a keyword
    """Keeps the first images that the generator makes of each class."""

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        return np.zeros(len(scores.label))
