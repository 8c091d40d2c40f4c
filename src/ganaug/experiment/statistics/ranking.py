"""Metrics that rank images by the probability of a class: for one class, or as a mean over all classes."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.pseudo_values import pseudo_values


@settings
class RankingMetric(Metric):
    """A figure of one class against all others: `of_class`, or the mean over the classes that occur."""

    classes: ClassVar[Literal["all", "one", "either"]] = "either"

    @abstractmethod
    def of_one(self, scores: np.ndarray, positive: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the figure of one class, and each image's influence on it, (N,), as in `pseudo_values`.

        scores: (N,), the class's probability. positive: (N,) bool, with both values: whether images are of the class.
        """

    def __call__(self, predicted: Predicted) -> float:
        return self._measured(predicted)[0]

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return pseudo_values(*self._measured(predicted), self.strata(predicted.labels, predicted.classes))

    def _measured(self, predicted: Predicted) -> tuple[float, np.ndarray]:
        label = self.label_in(predicted.classes)
        labels = np.unique(predicted.labels) if label is None else [label]
        parts = [self.of_one(predicted.probabilities[:, number], predicted.labels == number) for number in labels]
        return float(np.mean([value for value, _ in parts])), np.mean([influence for _, influence in parts], axis=0)
