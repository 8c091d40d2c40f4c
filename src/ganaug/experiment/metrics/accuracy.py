"""The share of images that are recognised."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted


@settings
class Accuracy(Metric):
    """Share of images whose most probable class is right: frequent classes count more."""

    def __call__(self, predicted: Predicted) -> float:
        return float(predicted.right.mean())

    def strata(self, labels: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        return np.zeros_like(labels)

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return predicted.right
