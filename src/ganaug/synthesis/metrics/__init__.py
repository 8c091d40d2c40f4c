"""PLUG-IN: metrics of a synthetic set's quality or privacy, one per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np

from ganaug.core.config import settings


class Compared(NamedTuple):
    """The three sets of images that a metric can compare, with their labels. Any set may be empty."""

    synthetic: np.ndarray
    """(N, F): features, float64, or pixels, uint8, for a metric that sees pixels. Bytes take a quarter of the memory of
    floats, but their differences wrap around: convert them first, or use the distances of core/neighbours.py."""
    synthetic_labels: np.ndarray
    """(N,), int64."""
    train: np.ndarray
    """(M, F): the real images that the GAN was trained on."""
    train_labels: np.ndarray
    """(M,), int64."""
    held_out: np.ndarray
    """(L, F): real images that neither the GAN nor the feature extractor was trained on."""
    held_out_labels: np.ndarray
    """(L,), int64."""

    def of_class(self, label: int) -> Self:
        """Return the images of one class."""
        pairs = zip(self[::2], self[1::2], strict=True)
        return type(self)(*(array[labels == label] for images, labels in pairs for array in (images, labels)))


@settings
class Metric(ABC):
    """A number that describes a synthetic set and does not depend on the order of images; NaN for too few images."""

    better: ClassVar[Literal["high", "low", "none"]]
    """Whether high or low values are better; "none": the closer to a perfect generator's value, the better."""
    ideal: ClassVar[float | None] = None
    """The value that a perfect generator approaches with many images, in features that were not trained on the training
    images; None if it depends on the data. A perfect generator draws new images from the distribution of real ones."""
    sees: ClassVar[Literal["features", "pixels"]] = "features"
    """The representation in which images are compared. Features describe the content of an image. But in a classifier's
    features its training images are close together and far from new ones, so that even a perfect generator seems to
    leak them: the membership of new real images of the default data is 0.78 in a classifier's features, 0.57 in a
    cross-fitted ensemble's, and 0.48 in pixels (docs/results). Metrics that compare training images with other images
    therefore see pixels."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests."""
        return cls()

    @abstractmethod
    def __call__(self, compared: Compared) -> float:
        """Return the metric of the synthetic images."""
