"""PLUG-IN: describers, which turn the description of an image into numbers, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np

from ganaug.core.config import settings


@settings
class Describer(ABC):
    """Turns texts into attributes that a GAN is conditioned on; it works offline."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests."""
        return cls()

    @abstractmethod
    def fit(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the names, at least one, of the attributes that describe `texts`, which belong to training images.

        Raises InputError if the texts yield no attribute.
        """

    @abstractmethod
    def vectors(self, texts: Sequence[str], names: Sequence[str]) -> np.ndarray:
        """Return the attributes `names` of each text, (N, D) float32. An empty text has none: all are 0."""

    @abstractmethod
    def unknown(self, text: str, names: Sequence[str]) -> list[str]:
        """Return the parts of `text` that no attribute describes."""
