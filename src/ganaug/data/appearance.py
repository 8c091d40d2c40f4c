"""Measures how images look, in numbers and in words computed from them."""

from __future__ import annotations

import numpy as np

BRIGHTNESS = ("thin", "medium", "thick")
SLANT = ("left", "upright", "right")
"""Words for the first, second and last third of a class, by brightness and slant; they fit bright strokes on black."""


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


class Words:
    """Describes images by two words, such as "thin left", one of BRIGHTNESS and one of SLANT."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Find the thirds of each class of `images`, uint8 (N, C, H, W) with `labels` (N,); each has its own word."""
        self.limits = {
            label: [np.quantile(measure(images[labels == label]), (1 / 3, 2 / 3)) for measure in (brightness, slant)]
            for label in np.unique(labels).tolist()
        }

    def __call__(self, images: np.ndarray, labels: np.ndarray) -> list[str]:
        """Return the words for `images`, uint8 (N, C, H, W) with `labels` (N,)."""
        measured = zip(labels.tolist(), brightness(images), slant(images), strict=True)
        return [
            " ".join(
                words[int(np.searchsorted(limits, value))]
                for words, limits, value in zip((BRIGHTNESS, SLANT), self.limits[label], values, strict=True)
            )
            for label, *values in measured
        ]
