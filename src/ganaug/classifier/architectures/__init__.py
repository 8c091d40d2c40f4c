"""PLUG-IN: one file per classifier."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from ganaug.classifier.image_classifier import ImageClassifier


class Classifier(ABC):
    """Builds a classifier network."""

    @abstractmethod
    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        """Return a new network for images of `shape` (C, H, W) and this many classes.

        Initial weights come from torch's global generator. A backbone with its own normalisation or input size, such as
        a pretrained one, gives them to `ImageClassifier`.
        """

    def load_pretrained(self, network: ImageClassifier) -> None:  # noqa: B027 - most have none
        """Put pretrained weights, if there are any, into a network that was just built, before it is trained.

        Not called for a network that is loaded after training. What an option called `weights` names must be understood
        by `core.weight_files`: stages run again if that file changes.

        Raises InputError if the file is missing or does not fit.
        """

    def pretrained(self) -> dict[str, str]:
        """Return what trained networks tell of their pretrained weights: name and `sha256`. Empty if there are none.

        Raises InputError if the file is missing.
        """
        return {}

    def check(self) -> None:  # noqa: B027 - most have nothing to check
        """Raise InputError if files or options do not fit together, as far as that takes building the network."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest version that still learns, for tests; the defaults unless a plug-in overrides it."""
        return cls()
