"""The area under the ROC curve."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.statistics.ranking import RankingMetric


@settings
class RocAuc(RankingMetric):
    """Probability that an image of the class gets a higher probability of it than another image does, ties as halves.

    Of one class, or the mean over all: macro-averaged, one against the rest. It does not depend on how frequent the
    class is.
    """

    @classmethod
    def words(cls) -> str:
        return "ROC AUC"

    def of_one(self, scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the area and its influence values: the placements of DeLong et al. (1988), by midranks."""
        above = np.empty(len(scores))  # the share of the other class that an image is ranked correctly against
        ranks, own = _midranks(scores), positive.sum()
        above[positive] = (ranks[positive] - _midranks(scores[positive])) / (len(scores) - own)
        above[~positive] = 1 - (ranks[~positive] - _midranks(scores[~positive])) / own
        area = float(above[positive].mean())
        return area, (above - area) * len(scores) / np.where(positive, own, len(scores) - own)


def _midranks(scores: np.ndarray) -> np.ndarray:
    """Return ranks from 1; equal scores share the mean of theirs. The same as `scipy.stats.rankdata`."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    midranks: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return midranks
