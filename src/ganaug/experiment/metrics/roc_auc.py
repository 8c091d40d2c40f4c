"""ROC AUC: the area under the ROC curve."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.statistics.ranking import RankingMetric


@settings
class RocAuc(RankingMetric):
    """Chance that an image of the class gets a higher probability of it than another image; ties count as half.

    Measures one class against the rest, or the mean over all classes (macro-averaged). It does not depend on how
    frequent the class is.
    """

    @classmethod
    def words(cls) -> str:
        return "ROC AUC"

    def of_one(self, scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the area and its influence values: the placements of DeLong et al. (1988), from midranks."""
        above = np.empty(len(scores))  # share of the other side's images against which an image is ranked correctly
        ranks, positives = _midranks(scores), positive.sum()
        above[positive] = (ranks[positive] - _midranks(scores[positive])) / (len(scores) - positives)
        above[~positive] = 1 - (ranks[~positive] - _midranks(scores[~positive])) / positives
        area = float(above[positive].mean())
        return area, (above - area) * len(scores) / np.where(positive, positives, len(scores) - positives)


def _midranks(scores: np.ndarray) -> np.ndarray:
    """Return ranks from 1, as `scipy.stats.rankdata` does: equal scores share the mean of their ranks."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    midranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return midranks
