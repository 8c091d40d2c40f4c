"""Precision: the share of the images predicted as a class that belong to it."""

from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.pseudo_values import pseudo_values


@settings
class Precision(Metric):
    """Share of the images predicted as the class that belong to it: how many alarms are right?

    0 if no image is predicted as the class, as in scikit-learn. It depends on how frequent the class is.
    """

    classes: ClassVar[Literal["all", "one", "either"]] = "one"

    def __call__(self, predicted: Predicted) -> float:
        chosen = predicted.choices == self.label_in(predicted.classes)
        return float(predicted.right[chosen].mean()) if chosen.any() else 0.0

    def per_image(self, predicted: Predicted) -> np.ndarray:
        value, chosen = self(predicted), predicted.choices == self.label_in(predicted.classes)
        influence = chosen * (predicted.right - value) * (len(chosen) / max(chosen.sum(), 1))
        return pseudo_values(value, influence, self.strata(predicted.labels, predicted.classes))
