"""A choice at random: the control for every other policy."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import Policy, Scores


@settings
class Random(Policy):
    """As many images of each class as another policy would take, chosen by chance.

    What it gains or loses is not the choice's doing: a policy that is no better than this one chooses nothing of worth.
    """

    def preference(self, scores: Scores, randomness: np.random.Generator) -> np.ndarray:
        return randomness.random(len(scores.label))
