"""Correctly classified images with the lowest confidence."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy


@settings
class HardButRight(Policy):
    """Rejects images that a classifier assigns to another class; prefers those of the rest with the lowest confidence.

    They lie near class boundaries, where a classifier has most to learn: uncertainty sampling (Lewis and Gale, 1994)
    for images that already have a label. With a bad generator they are the worst that pass. Without surplus candidates,
    this policy only rejects.
    """

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        return np.where(scores.predicted == scores.label, -scores.confidence, -np.inf)
