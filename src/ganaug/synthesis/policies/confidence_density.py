"""Correctly classified images, resampled by density ratio."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy, weighted_draw


@settings
class ConfidenceDensity(Policy):
    """Rejects misclassified images; draws from the rest by the ratio of real to synthetic density.

    On its own, `density_ratio` ignores labels: it accepts an image of the wrong class as readily as one of the right
    class. Without surplus candidates, this policy only rejects.
    """

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        drawn = weighted_draw(scores.density_ratio, randomness)
        return np.where(scores.predicted == scores.label, drawn, -np.inf)
