"""Images that show their class, drawn so that they are spread as the real ones are."""

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import Policy, Scores, in_proportion


@settings
class ConfidenceDensity(Policy):
    """Refuses images that a classifier takes for another class; the others as `density_ratio` draws them.

    The density ratio alone does not look at labels: an image of another class is as good to it. Without a pool above 1
    it only refuses.
    """

    def preference(self, scores: Scores, randomness: np.random.Generator) -> np.ndarray:
        drawn = in_proportion(scores.density_ratio, randomness)
        return np.where(scores.predicted == scores.label, drawn, -np.inf)
