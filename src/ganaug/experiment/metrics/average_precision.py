"""Average precision: the area under the precision-recall curve."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.statistics.ranking import RankingMetric


@settings
class AveragePrecision(RankingMetric):
    """Mean, over the class's images, of the precision among all images that rank at least as high.

    Measures one class, or the mean over all classes. It shows how well rare images are found among many others, and
    depends on how frequent the class is. No interpolation, as in scikit-learn.
    """

    def of_one(self, scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the average precision and its influence values: its derivatives with respect to images' weights."""
        _, level = np.unique(-scores, return_inverse=True)  # 0: the highest score
        hits = np.bincount(level, positive)
        true, false = np.cumsum(hits), np.cumsum(np.bincount(level, ~positive))
        precision, positives = true / (true + false), hits.sum()
        value = float(precision @ hits / positives)
        # an image changes the precision at its own level and at all lower scores
        raised, lowered = (np.cumsum((hits * part / (true + false) ** 2)[::-1])[::-1][level] for part in (false, true))
        influence = np.where(positive, precision[level] - value + raised, -lowered)
        return value, influence * len(scores) / positives
