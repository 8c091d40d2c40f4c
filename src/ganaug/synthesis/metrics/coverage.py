"""Coverage (Naeem et al., Reliable fidelity and diversity metrics for generative models, 2020, section 3)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.distances import kth_neighbour_distance, nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Coverage(Metric):
    """Share in [0, 1] of held-out images that have a synthetic image near them.

    Near is no farther than the held-out image's k-th neighbour is. Unlike recall it is not deceived by outliers among
    the synthetic images; an honest generator has about 1 − 2⁻ᵏ with as many images as are held out, more with more. NaN
    without synthetic images, or with no more than k held-out ones.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"

    neighbours: PositiveInt = 5
    """k. The paper: 5."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(synthetic) == 0 or len(real) <= self.neighbours:
            return nan
        return float((nearest(real, synthetic)[0] <= kth_neighbour_distance(real, self.neighbours)).mean())
