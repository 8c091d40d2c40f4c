"""The kernel distance of features (Bińkowski et al., Demystifying MMD GANs, 2018)."""

from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.distances import kernel_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Kid(Metric):
    """Unbiased squared maximum mean discrepancy of synthetic and held-out features, cubic kernel; not × 1,000.

    Unlike the Fréchet distance it does not grow when there are fewer images, only more uncertain: by chance it is
    below 0 for good ones.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "low"
    ideal: ClassVar[float | None] = 0.0

    def __call__(self, compared: Compared) -> float:
        return kernel_distance(compared.synthetic, compared.held_out)
