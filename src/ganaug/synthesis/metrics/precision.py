"""Improved precision (Kynkäänniemi et al., Improved precision and recall metric, 2019, section 2)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.neighbours import balls_containing, kth_neighbour_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Precision(Metric):
    """Share of synthetic images that lie near a held-out real image, in [0, 1]: are they realistic?

    Near means no farther away than the held-out image's k-th nearest held-out neighbour. NaN without synthetic images,
    or with k or fewer held-out images. torch-fidelity rounds the distances, and so misses some copies of images that
    occur several times (see core/neighbours.py).
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"

    neighbours: PositiveInt = 3
    """k: the distance to the k-th neighbour defines "near". The paper uses 3."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(synthetic) == 0 or len(real) <= self.neighbours:
            return nan
        return float((balls_containing(synthetic, real, kth_neighbour_distance(real, self.neighbours)) > 0).mean())
