"""An attribute that can be measured on images, as a direction: Shen et al., InterFaceGAN, 2020."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.directions import Direction, Space, towards, within_classes


@settings
class Attribute(Direction):
    """From images that have least of an attribute for their class to those that have most, of all classes."""

    of: Literal["brightness", "contrast", "slant"]
    """The mean of an image's values, their standard deviation, or how far what is bright leans to the right."""

    def find(self, space: Space) -> np.ndarray:
        amounts = within_classes(MEASURES[self.of](space.images()), space.labels)
        return towards(within_classes(space.w, space.labels), amounts)


def brightness(images: np.ndarray) -> np.ndarray:
    """Return the mean of each image's values, (N,)."""
    return images.reshape(len(images), -1).mean(1, dtype=np.float64)


def contrast(images: np.ndarray) -> np.ndarray:
    """Return the standard deviation of each image's values, (N,)."""
    return images.reshape(len(images), -1).std(1, dtype=np.float64)


def slant(images: np.ndarray) -> np.ndarray:
    """Return the shear of each image's first channel, (N,): how far it leans to the right per row; 0 if it is black."""
    grey = images[:, 0].astype(np.float64)
    rows, columns = np.mgrid[: grey.shape[1], : grey.shape[2]]
    mass = np.maximum(grey.sum((1, 2)), 1e-9)[:, None, None]
    down, right = (places - (grey * places).sum((1, 2), keepdims=True) / mass for places in (rows, columns))
    return -(grey * down * right).sum((1, 2)) / np.maximum((grey * down**2).sum((1, 2)), 1e-9)


MEASURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "brightness": brightness,
    "contrast": contrast,
    "slant": slant,
}
