"""Authenticity (Alaa et al., How faithful is your synthetic data?, 2022), also called AuthPct."""

from math import nan
from typing import ClassVar, Literal

from ganaug.core.config import settings
from ganaug.core.neighbours import kth_neighbour_distance, nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Authenticity(Metric):
    """Share of synthetic images that are not suspiciously close to a training image, in [0, 1].

    An image counts if it is farther from its nearest training image than that training image is from its own nearest
    neighbour among the training images. Copies score 0, noise scores 1, and a perfect generator scores as high as new
    real images. In a classifier's features, where its training images are close together, new real images score nearly
    1 too. NaN without synthetic images, or with fewer than two training images.

    This is the paper's definition, and that of AuthPct in Stein et al. (2023). The paper's published code differs: it
    uses the index of the synthetic image nearest to a training image as the index of a training image.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "none"
    sees: ClassVar[Literal["features", "pixels"]] = "pixels"

    def __call__(self, compared: Compared) -> float:
        if len(compared.synthetic) == 0 or len(compared.train) < 2:
            return nan
        distances, indices = nearest(compared.synthetic, compared.train)
        return float((distances > kth_neighbour_distance(compared.train, 1)[indices]).mean())
