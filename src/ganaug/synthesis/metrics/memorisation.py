"""Memorisation: how close synthetic images are to the training images, relative to new real images.

The comparison follows Meehan et al. (A non-parametric test to detect data-copying in generative models, 2020), but is a
ratio of medians instead of a test statistic, and over all images instead of cells.
"""

from math import nan
from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.core.neighbours import nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Memorisation(Metric):
    """Median distance of synthetic images to the nearest training image, relative to that of held-out real images.

    Copies score 0, a perfect generator scores 1. Below 1, synthetic images are closer to the training images than
    chance explains, or too typical; above 1, they are unlike real images. NaN if one of the three sets is empty, or if
    more than half of the held-out images are copies of training images.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "none"
    ideal: ClassVar[float | None] = 1.0
    sees: ClassVar[Literal["features", "pixels"]] = "pixels"

    def __call__(self, compared: Compared) -> float:
        if min(len(compared.synthetic), len(compared.train), len(compared.held_out)) == 0:
            return nan
        synthetic, held_out = (
            float(np.median(nearest(images, compared.train)[0])) for images in (compared.synthetic, compared.held_out)
        )
        return synthetic / held_out if held_out > 0 else nan
