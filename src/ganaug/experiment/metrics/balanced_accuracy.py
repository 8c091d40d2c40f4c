"""Balanced accuracy: the mean recall of the classes."""

import numpy as np

from ganaug.classifier.scores import balanced_accuracy
from ganaug.core.config import settings
from ganaug.experiment.metrics import Metric, Predicted


@settings
class BalancedAccuracy(Metric):
    """Mean over the classes of the share of their images that are classified correctly: all classes count equally."""

    def __call__(self, predicted: Predicted) -> float:
        return balanced_accuracy(predicted.choices, predicted.labels)

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return predicted.right
