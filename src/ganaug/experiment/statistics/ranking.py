"""Metrics that rank images by the probability of a class: of one class against all others, or the mean of all."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.pseudo_values import pseudo_values


@settings
class RankingMetric(Metric):
    """A figure of each class against all others; of `of_class`, or the mean over the classes that occur."""

    classes: ClassVar[Literal["all", "one", "either"]] = "either"

    @abstractmethod
    def of_one(self, scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the figure of one class, and each image's influence on it, (N,), as in `pseudo_values`.

        scores: (N,). positive: (N,) bool; some are, and some are not.
        """

    def __call__(self, predicted: Predicted) -> float:
        return self._measured(predicted)[0]

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return pseudo_values(*self._measured(predicted), self.strata(predicted.labels, predicted.classes))

    def _measured(self, predicted: Predicted) -> tuple[float, np.ndarray]:
        label = self.label_in(predicted.classes)
        occurring = np.unique(predicted.labels) if label is None else [label]
        parts = [self.of_one(predicted.probabilities[:, one], predicted.labels == one) for one in occurring]
        return float(np.mean([value for value, _ in parts])), np.mean([influence for _, influence in parts], axis=0)
