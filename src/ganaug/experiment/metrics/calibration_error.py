"""The expected calibration error (Guo et al., On calibration of modern neural networks, 2017, equation 3)."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.experiment.metrics import MeanOverImages, Predicted


@settings
class CalibrationError(MeanOverImages):
    """Mean absolute difference between confidence and accuracy, over bins of images with similar confidence.

    Confidence is the probability of the most probable class. The bins divide [0, 1] into intervals of equal width and
    are weighted by their numbers of images. In bins with few images, accuracy differs from confidence by chance, which
    makes the error too large: compare it only between sets with the same number of images.
    """

    better: ClassVar[Literal["high", "low"]] = "low"

    bins: PositiveInt = 15
    """Number of bins. The paper uses 15."""

    def per_image(self, predicted: Predicted) -> np.ndarray:
        confidence = predicted.probabilities.max(1)
        bin_of = np.minimum((confidence * self.bins).astype(np.int64), self.bins - 1)
        excess = confidence - predicted.right
        signs = np.sign(np.bincount(bin_of, excess, minlength=self.bins))
        values: np.ndarray = signs[bin_of] * excess
        return values
