"""The Brier score."""

from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.experiment.metrics import MeanOverImages, Predicted


@settings
class Brier(MeanOverImages):
    """Mean squared distance of probabilities from 1 for the true class and 0 for others, summed over the classes.

    In [0, 2] (Brier, Verification of forecasts expressed in terms of probability, 1950); with two classes, twice the
    score of the positive class alone.
    """

    better: ClassVar[Literal["high", "low"]] = "low"
    highest: ClassVar[float] = 2.0
    in_points: ClassVar[bool] = False

    @classmethod
    def words(cls) -> str:
        return "Brier score"

    def per_image(self, predicted: Predicted) -> np.ndarray:
        distances: np.ndarray = ((predicted.probabilities - np.eye(len(predicted.classes))[predicted.labels]) ** 2).sum(
            1
        )
        return distances
