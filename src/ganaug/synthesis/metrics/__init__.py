"""PLUG-IN: one file a figure of a synthetic set's quality or privacy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np

from ganaug.core.config import settings


class Compared(NamedTuple):
    """Features and classes of the three sets that a metric may look at. A set may be empty; no class is unknown."""

    synthetic: np.ndarray
    """(N, F), float64: features, or pixels where a metric sees these."""
    synthetic_labels: np.ndarray
    """(N,), int64."""
    train: np.ndarray
    """(M, F), float64: the real images that the GAN was trained on."""
    train_labels: np.ndarray
    """(M,), int64."""
    held_out: np.ndarray
    """(L, F), float64: real images that trained neither the GAN nor what gives the features."""
    held_out_labels: np.ndarray
    """(L,), int64."""

    def of_class(self, label: int) -> Self:
        """Return the images of one class only."""
        pairs = zip(self[::2], self[1::2], strict=True)
        return type(self)(*(array[labels == label] for images, labels in pairs for array in (images, labels)))


@settings
class Metric(ABC):
    """One number that says something about a synthetic set; NaN where there are too few images to tell.

    The order of images plays no part.
    """

    better: ClassVar[Literal["high", "low", "none"]]
    """Which end is good; "none": neither, and the nearer to what an honest generator shows the better."""
    ideal: ClassVar[float | None] = None
    """What an honest generator, which draws new images from where the real ones come from, shows, or comes the closer
    to the more images there are, in features that do not know the training images; None where that depends on the
    images."""
    sees: ClassVar[Literal["features", "pixels"]] = "features"
    """What images are to be compared by. Features say what is in a picture. Those of a classifier that was trained on
    the training images draw these together and apart from new ones, so that an honest generator looks as if it gave
    them away: membership of new real images of the default data is 0.78 in a classifier's features, 0.57 in a
    cross-fitted ensemble's, 0.48 by pixels (docs/results). Figures that compare training with other images therefore
    see pixels."""

    @abstractmethod
    def __call__(self, compared: Compared) -> float:
        """Return the figure of the synthetic images."""
