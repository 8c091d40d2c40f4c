"""Coverage (Naeem et al., Reliable fidelity and diversity metrics for generative models, 2020, section 3)."""

from math import nan
from typing import ClassVar, Literal

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.neighbours import kth_neighbour_distance, nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Coverage(Metric):
    """Share of held-out real images that have a synthetic image near them, in [0, 1].

    Near means no farther away than the held-out image's k-th nearest held-out neighbour. Unlike recall, coverage is not
    inflated by outliers among the synthetic images. A perfect generator scores about 1 − 2⁻ᵏ with as many synthetic as
    held-out images, and more with more synthetic images. NaN without synthetic images, or with k or fewer held-out
    images.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "high"

    neighbours: PositiveInt = 5
    """k: the distance to the k-th neighbour defines "near". The paper uses 5."""

    def __call__(self, compared: Compared) -> float:
        synthetic, real = compared.synthetic, compared.held_out
        if len(synthetic) == 0 or len(real) <= self.neighbours:
            return nan
        return float((nearest(real, synthetic)[0] <= kth_neighbour_distance(real, self.neighbours)).mean())
