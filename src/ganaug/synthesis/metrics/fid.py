"""The Fréchet distance of features (Heusel et al., GANs trained by a two time-scale update rule, 2017)."""

from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.distances import frechet
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Fid(Metric):
    """Distance of normal distributions with the moments of synthetic and held-out features, from 0 on.

    It grows when there are fewer images, on either side: only figures of as many images can be compared. Those of
    other features than Inception's cannot be compared with published ones.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "low"
    ideal: ClassVar[float | None] = 0.0

    def __call__(self, compared: Compared) -> float:
        return frechet(compared.synthetic, compared.held_out)
