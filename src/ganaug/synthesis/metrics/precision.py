"""Improved precision (Kynkäänniemi et al., Improved precision and recall metric, 2019, section 2)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.distances import balls_around, kth_neighbour_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Precision(Metric):
    """Share in [0, 1] of synthetic images that lie where real ones do.

    That is, no farther from some held-out image than that one's k-th neighbour is. NaN without synthetic images, or
    with no more than k held-out ones. torch-fidelity has it too, from rounded distances: of copies of images that
    occur several times it misses some (distances.py says why).
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"

    neighbours: PositiveInt = 3
    """k. The paper: 3."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(synthetic) == 0 or len(real) <= self.neighbours:
            return nan
        return float((balls_around(synthetic, real, kth_neighbour_distance(real, self.neighbours)) > 0).mean())
