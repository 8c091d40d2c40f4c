"""Directions of attributes that are measured on images (Shen et al., InterFaceGAN, 2020)."""

from collections.abc import Callable
from typing import Literal, Self

import numpy as np

from ganaug.core.config import settings
from ganaug.data.appearance import brightness, contrast, slant
from ganaug.synthesis.directions import Direction, Space, towards, within_classes


@settings
class Attribute(Direction):
    """From the images with the least of an attribute for their class to those with the most, over all classes."""

    of: Literal["brightness", "contrast", "slant"]
    """Mean of an image's values, their standard deviation, or how far bright areas lean to the right."""

    @classmethod
    def small(cls, classes: tuple[str, ...]) -> Self:
        return cls(of="brightness")

    def find(self, space: Space) -> np.ndarray:
        amounts = within_classes(MEASURES[self.of](space.images()), space.labels)
        return towards(within_classes(space.w, space.labels), amounts)


MEASURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "brightness": brightness,
    "contrast": contrast,
    "slant": slant,
}
