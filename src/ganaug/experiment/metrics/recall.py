"""Recall: the share of a class's images that are classified correctly."""

from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted


@settings
class Recall(Metric):
    """Share of the class's images that are classified correctly: how many of the faulty parts are found?

    0 if there are no images of the class.
    """

    classes: ClassVar[Literal["all", "one", "either"]] = "one"

    def __call__(self, predicted: Predicted) -> float:
        of_class = predicted.labels == self.label_in(predicted.classes)
        return float(predicted.right[of_class].mean()) if of_class.any() else 0.0

    def strata(self, labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        return np.where(labels == self.label_in(classes), 0, -1)

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return predicted.right
