"""Density (Naeem et al., Reliable fidelity and diversity metrics for generative models, 2020, section 3)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.distances import balls_around, kth_neighbour_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Density(Metric):
    """How many held-out images a synthetic image is near to, as a ratio to k, the mean, from 0 on.

    Near is no farther than the held-out image's k-th neighbour is. Unlike precision it is not deceived by one outlier
    among the real images; above 1 synthetic images crowd where real ones are dense. NaN without synthetic images, or
    with no more than k held-out ones.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"
    ideal: ClassVar[float | None] = 1.0

    neighbours: PositiveInt = 5
    """k. The paper: 5."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(synthetic) == 0 or len(real) <= self.neighbours:
            return nan
        return float(
            balls_around(synthetic, real, kth_neighbour_distance(real, self.neighbours)).mean() / self.neighbours
        )
