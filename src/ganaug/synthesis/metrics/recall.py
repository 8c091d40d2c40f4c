"""Improved recall (Kynkäänniemi et al., Improved precision and recall metric, 2019, section 2)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.neighbours import balls_containing, kth_neighbour_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Recall(Metric):
    """Share of held-out real images that lie near a synthetic image, in [0, 1]: are the synthetic images varied?

    Near means no farther away than the synthetic image's k-th nearest synthetic neighbour, so widely scattered images
    inflate recall. NaN without held-out images, or with k or fewer synthetic images.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"

    neighbours: PositiveInt = 3
    """k: the distance to the k-th neighbour defines "near". The paper uses 3."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(real) == 0 or len(synthetic) <= self.neighbours:
            return nan
        counts = balls_containing(real, synthetic, kth_neighbour_distance(synthetic, self.neighbours))
        return float((counts > 0).mean())
