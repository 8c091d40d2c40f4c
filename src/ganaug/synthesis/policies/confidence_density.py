"""Correctly classified images, resampled by density ratio."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy, weighted_draw


@settings
class ConfidenceDensity(Policy):
    """Rejects images that a classifier assigns to another class; draws the rest by ratio of real to synthetic density.

    The draw is that of `density_ratio`, which by itself ignores labels: it accepts an image of the wrong class as
    readily as one of the right class. Without surplus candidates, this policy only rejects.
    """

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        drawn = weighted_draw(scores.density_ratio, randomness)
        return np.where(scores.predicted == scores.label, drawn, -np.inf)
