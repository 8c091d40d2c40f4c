"""The expected calibration error (Guo et al., On calibration of modern neural networks, 2017, equation 3)."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.experiment.metrics import MeanOverImages, Predicted


@settings
class CalibrationError(MeanOverImages):
    """How far confidence is from accuracy: mean absolute difference over bins of images with similar confidence.

    Confidence is the probability of the most probable class. The bins divide [0, 1] into intervals of equal width and
    count by their numbers of images. Few images in a bin differ from their confidence by chance, which makes the figure
    too large: compare it for equally many images only.
    """

    better: ClassVar[Literal["high", "low"]] = "low"

    bins: PositiveInt = 15
    """Number of bins. The paper: 15."""

    def per_image(self, predicted: Predicted) -> np.ndarray:
        confidence = predicted.probabilities.max(1)
        which = np.minimum((confidence * self.bins).astype(np.int64), self.bins - 1)
        excess = confidence - predicted.right
        signs = np.sign(np.bincount(which, excess, minlength=self.bins))
        values: np.ndarray = signs[which] * excess
        return values
