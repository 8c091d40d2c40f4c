"""Selection by a classifier's confidence."""

from typing import ClassVar

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy


@settings
class Confidence(Policy):
    """Keeps the images whose class a classifier predicts with the highest confidence.

    Few of their labels are wrong, but the images are typical: a classifier learns little from images that it is already
    sure about. `hard_but_right` is the opposite policy.
    """

    only_ranks: ClassVar[bool] = True

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        return scores.confidence
