"""Density (Naeem et al., Reliable fidelity and diversity metrics for generative models, 2020, section 3)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.neighbours import balls_containing, kth_neighbour_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Density(Metric):
    """Mean number of held-out real images near a synthetic image, divided by k: 0 or more.

    Near means no farther away than the held-out image's k-th nearest held-out neighbour. Unlike precision, density is
    not inflated by single outliers among the real images. Above 1, synthetic images crowd where real images are dense.
    NaN without synthetic images, or with k or fewer held-out images.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"
    ideal: ClassVar[float | None] = 1.0

    neighbours: PositiveInt = 5
    """k: the distance to the k-th neighbour defines "near". The paper uses 5."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(synthetic) == 0 or len(real) <= self.neighbours:
            return nan
        counts = balls_containing(synthetic, real, kth_neighbour_distance(real, self.neighbours))
        return float(counts.mean() / self.neighbours)
