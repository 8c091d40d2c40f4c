"""An attribute that can be measured on images, as a direction: Shen et al., InterFaceGAN, 2020."""

from collections.abc import Callable
from typing import Literal, Self

import numpy as np

from ganaug.core.config import settings
from ganaug.data.appearance import brightness, contrast, slant
from ganaug.synthesis.directions import Direction, Space, towards, within_classes


@settings
class Attribute(Direction):
    """From images that have least of an attribute for their class to those that have most, of all classes."""

    of: Literal["brightness", "contrast", "slant"]
    """The mean of an image's values, their standard deviation, or how far what is bright leans to the right."""

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
