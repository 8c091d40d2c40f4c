"""Authenticity (Alaa et al., How faithful is your synthetic data?, 2022), also called AuthPct."""

from math import nan
from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.neighbours import kth_neighbour_distance, nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Authenticity(Metric):
    """Share of synthetic images that are not suspiciously close to a training image, in [0, 1].

    An image counts if its nearest training image is farther away than that image's own nearest neighbour among the
    training images. Copies score 0, noise scores 1, and a perfect generator scores what new real images score. In the
    features of a classifier, which pull its training images together, that is nearly 1 too. NaN without synthetic
    images, or with fewer than two training images.

    As the paper defines it and Stein et al. (2023) compute AuthPct. The code published with the paper uses the index of
    the synthetic image nearest to a training image as the index of a training image.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "none"
    sees: ClassVar[Literal["features", "pixels"]] = "pixels"

    def __call__(self, compared: Compared) -> float:
        if len(compared.synthetic) == 0 or len(compared.train) < 2:
            return nan
        distances, indices = nearest(compared.synthetic, compared.train)
        return float((distances > kth_neighbour_distance(compared.train, 1)[indices]).mean())
