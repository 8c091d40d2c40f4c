"""Measures an arm's predictions for one set of labelled images by any metric."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from ganaug.classifier.scores import comparable_mean
from ganaug.data.images import LabelledImages
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.confusion import confusion_matrix


@dataclass(frozen=True, eq=False)
class Measured:
    """Predictions for N images of K classes, by S classifiers in each of R replicates.

    probabilities: (R, S, N, K). labels, groups: (N,).
    """

    probabilities: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    classes: tuple[str, ...]

    @classmethod
    def of(cls, probabilities: np.ndarray, images: LabelledImages) -> Self:
        """Return the predictions for `images`. probabilities: (R, S, N, K)."""
        return cls(probabilities, np.asarray(images.labels), images.group_ids, images.classes)

    @cached_property
    def predicted(self) -> list[list[Predicted]]:
        """The predictions of each replicate's classifiers."""
        as_float = self.probabilities.astype(np.float64)
        return [
            [Predicted(probabilities, self.labels, self.classes) for probabilities in replicate]
            for replicate in as_float
        ]

    def values(self, metric: Metric) -> tuple[float, ...]:
        """Return a metric's mean over classifiers, one value per replicate."""
        return tuple(float(np.mean([metric(predicted) for predicted in replicate])) for replicate in self.predicted)

    def mean(self, metric: Metric) -> float:
        """Return a metric's mean over replicates; it does not depend on their order."""
        return comparable_mean(self.values(metric))

    @cached_property
    def choices(self) -> np.ndarray:
        """(R, S, N): predicted class of each image."""
        choices: np.ndarray = self.probabilities.argmax(-1)
        return choices

    @property
    def confusion(self) -> np.ndarray:
        """(K, K) int: rows are true classes, columns predicted classes; summed over all classifiers."""
        return confusion_matrix(self.labels, self.choices, len(self.classes))
