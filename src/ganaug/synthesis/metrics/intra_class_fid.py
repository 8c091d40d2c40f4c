"""The Fréchet distance within classes (Miyato and Koyama, cGANs with projection discriminator, 2018)."""

from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.core.distances import frechet
from ganaug.synthesis.metrics import Compared, Metric


@settings
class IntraClassFid(Metric):
    """Mean over classes of the Fréchet distance of synthetic and held-out images of the class, from 0 on.

    It sees right pictures of the wrong class and classes without variety, as the distance over all classes does not.
    NaN if a class that occurs has fewer than two images on either side: to leave it out would reward a generator that
    left it out. The Fréchet distance of few images is large, so compare with the figure of real ones.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "low"
    ideal: ClassVar[float | None] = 0.0

    def __call__(self, compared: Compared) -> float:
        labels = np.union1d(compared.synthetic_labels, compared.held_out_labels)
        classes = [compared.of_class(label) for label in labels.tolist()]
        distances = [frechet(one.synthetic, one.held_out) for one in classes]
        return float(np.mean(distances)) if distances else float("nan")
