"""The Fréchet distance within classes (Miyato and Koyama, cGANs with projection discriminator, 2018)."""

from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.core.distances import frechet_distance
from ganaug.synthesis.metrics import Compared, Metric


@settings
class IntraClassFid(Metric):
    """Mean over classes of the Fréchet distance between synthetic and held-out images of the class: 0 or more.

    Unlike the distance over all classes, it detects good images of the wrong class and classes without variety. NaN if
    a class that occurs has fewer than two images in either set: ignoring the class would reward a generator that never
    produces it. Fréchet distances of few images are large, so compare with the value for real images.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "low"
    ideal: ClassVar[float | None] = 0.0

    def __call__(self, compared: Compared) -> float:
        labels = np.union1d(compared.synthetic_labels, compared.held_out_labels)
        by_class = [compared.of_class(label) for label in labels.tolist()]
        distances = [frechet_distance(sets.synthetic, sets.held_out) for sets in by_class]
        return float(np.mean(distances)) if distances else float("nan")
