"""The Fréchet distance between features (Heusel et al., GANs trained by a two time-scale update rule, 2017)."""

from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.distances import frechet_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Fid(Metric):
    """Fréchet distance between normal distributions fitted to the features of synthetic and held-out images: 0 or more.

    It grows as either set gets smaller: only compare values of sets of the same size. Only values in Inception's
    features can be compared with published values.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "low"
    ideal: ClassVar[float | None] = 0.0

    def __call__(self, compared: Compared) -> float:
        return frechet_distance(compared.synthetic, compared.held_out)
