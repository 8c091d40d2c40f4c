"""Correctly classified images with the lowest confidence."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy


@settings
class HardButRight(Policy):
    """Rejects misclassified images; of the rest, keeps the images that a classifier is least confident about.

    They lie near class boundaries, where a classifier has most to learn: uncertainty sampling (Lewis and Gale, 1994)
    for images that already have a label. If the generator is bad, they are its worst images that are still classified
    correctly. Without surplus candidates, this policy only rejects.
    """

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        return np.where(scores.predicted == scores.label, -scores.confidence, -np.inf)
