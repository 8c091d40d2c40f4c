"""Accuracy: the share of correctly classified images."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import MeanOverImages, Predicted


@settings
class Accuracy(MeanOverImages):
    """Share of images that are classified correctly: frequent classes count more."""

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return predicted.right
