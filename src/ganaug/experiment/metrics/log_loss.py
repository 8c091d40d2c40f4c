"""Log loss: the mean cross-entropy."""

from math import log
from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import MeanOverImages, Predicted

LEAST = float(np.finfo(np.float32).eps)
"""Smallest probability that counts; lower ones are raised to it, as 0 would have an infinite loss. It is the precision
of float32, in which predictions are stored."""


@settings
class LogLoss(MeanOverImages):
    """Mean of minus the logarithm of the true class's probability, in nats: judges probabilities, not only choices.

    Probabilities below 1.2e-7 count as 1.2e-7.
    """

    better: ClassVar[Literal["high", "low"]] = "low"
    highest: ClassVar[float] = -log(LEAST)
    in_points: ClassVar[bool] = False

    def per_image(self, predicted: Predicted) -> np.ndarray:
        of_true_class = predicted.probabilities[np.arange(len(predicted.labels)), predicted.labels]
        losses: np.ndarray = -np.log(np.clip(of_true_class, LEAST, 1.0))
        return losses
