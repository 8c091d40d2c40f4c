"""The share of images that are recognised."""

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import MeanOverImages, Predicted


@settings
class Accuracy(MeanOverImages):
    """Share of images whose most probable class is right: frequent classes count more."""

    def per_image(self, predicted: Predicted) -> np.ndarray:
        return predicted.right
