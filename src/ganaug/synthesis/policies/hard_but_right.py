"""Images that are right, but only just."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import Policy, Scores


@settings
class HardButRight(Policy):
    """Refuses images that a classifier takes for another class; of the others those first of which it is least sure.

    They lie where classes meet, where a classifier has most to learn: uncertainty sampling (Lewis and Gale, 1994) of
    images that have a label already. With a bad generator they are the worst that pass. Without a pool above 1 it only
    refuses.
    """

    def preference(self, scores: Scores, randomness: np.random.Generator) -> np.ndarray:
        return np.where(scores.predicted == scores.label, -scores.confidence, -np.inf)
