"""The kernel distance between features (Bińkowski et al., Demystifying MMD GANs, 2018)."""

from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.distances import squared_mmd
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Kid(Metric):
    """Squared maximum mean discrepancy between features of synthetic and held-out images; about 0 if perfect.

    This is the unbiased estimate with a cubic kernel, not multiplied by 1,000. Unlike the Fréchet distance, it does not
    grow as sets get smaller; it only becomes noisier, and can be negative for good images.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "low"
    ideal: ClassVar[float | None] = 0.0

    def __call__(self, compared: Compared) -> float:
        return squared_mmd(compared.synthetic, compared.held_out)
