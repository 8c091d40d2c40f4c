"""PLUG-IN: classifiers, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from ganaug.core.weight_files import Pretrainable

if TYPE_CHECKING:
    from ganaug.classifier.image_classifier import ImageClassifier


class Classifier(Pretrainable, ABC):
    """Builds a classifier network."""

    @abstractmethod
    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        """Return a new network for images of `shape` (C, H, W) and this number of classes.

        Initial weights come from torch's global generator. A backbone with its own normalisation or input size, such as
        a pretrained one, gives them to `ImageClassifier`.
        """

    @classmethod
    def small(cls) -> Self:
        """Return the smallest version that still learns, for tests; the defaults unless a plug-in overrides it."""
        return cls()
