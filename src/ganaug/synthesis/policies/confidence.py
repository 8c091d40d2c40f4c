"""The images of which a classifier is surest."""

from typing import ClassVar

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import Policy, Scores


@settings
class Confidence(Policy):
    """The highest probability of the image's own class first.

    Few wrong labels, but typical images: what a classifier is sure of teaches it little. `hard_but_right` is the
    opposite.
    """

    needs_pool: ClassVar[bool] = True

    def preference(self, scores: Scores, randomness: np.random.Generator) -> np.ndarray:
        return scores.confidence
