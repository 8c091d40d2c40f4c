"""Improved recall (Kynkäänniemi et al., Improved precision and recall metric, 2019, section 2)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.distances import balls_around, kth_neighbour_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Recall(Metric):
    """Share in [0, 1] of held-out images that lie where synthetic ones do.

    That is, no farther from some synthetic image than that one's k-th neighbour is: synthetic images that are spread
    far and wide have a high recall. NaN without held-out images, or with no more than k synthetic ones.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"

    neighbours: PositiveInt = 3
    """k. The paper: 3."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(real) == 0 or len(synthetic) <= self.neighbours:
            return nan
        return float((balls_around(real, synthetic, kth_neighbour_distance(synthetic, self.neighbours)) > 0).mean())
