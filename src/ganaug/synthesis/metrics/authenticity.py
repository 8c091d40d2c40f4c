"""Authenticity (Alaa et al., How faithful is your synthetic data?, 2022), also called AuthPct."""

from math import nan
from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.distances import kth_neighbour_distance, nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Authenticity(Metric):
    """Share in [0, 1] of synthetic images that are no closer to a training image than another training image is.

    For each synthetic image: is it farther from its nearest training image than that one is from the nearest other
    training image? Copies have 0, noise has 1, and an honest generator what new real images have: that is nearly 1 too
    in the features of a classifier, which draw the images together that it was trained on. NaN without synthetic
    images, or with fewer than two training images.

    As the paper defines it and Stein et al. (2023) compute AuthPct. The code that came with the paper uses the number
    of the synthetic image that is nearest to a training image as the number of a training image.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "none"
    sees: ClassVar[Literal["features", "pixels"]] = "pixels"

    def __call__(self, compared: Compared) -> float:
        if len(compared.synthetic) == 0 or len(compared.train) < 2:
            return nan
        distances, places = nearest(compared.synthetic, compared.train)
        return float((distances > kth_neighbour_distance(compared.train, 1)[places]).mean())
