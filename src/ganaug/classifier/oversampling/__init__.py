"""PLUG-IN: oversamplers, which fill up classes with few images without a GAN, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from ganaug.core.config import settings
from ganaug.data.images import LabelledImages

if TYPE_CHECKING:
    from ganaug.classifier.image_classifier import ImageClassifier


class FitClassifier(Protocol):
    """Trains a classifier as the arm's classifiers are trained, on the images before oversampling."""

    def __call__(self, seed: int) -> ImageClassifier:
        """Return the classifier, trained with all classes equally often."""


@settings
class Oversampler(ABC):
    """Makes images of the classes that have fewer than the largest class: a control that a GAN has to beat."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests."""
        return cls()

    @abstractmethod
    def __call__(self, train: LabelledImages, fit: FitClassifier, seed: int) -> LabelledImages:
        """Return new images: of each class, at most as many as it is short of the largest class.

        Raises InputError if a class has too few images to start from.
        """


def deficits(train: LabelledImages) -> np.ndarray:
    """Return how many images each class is short of the largest class, (K,) int64."""
    counts = np.array(list(train.counts.values()), dtype=np.int64)
    return counts.max() - counts
