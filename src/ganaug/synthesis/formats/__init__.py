"""PLUG-IN: file formats to export a synthetic set to, one per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from ganaug.core.config import settings
from ganaug.core.rows import chunks
from ganaug.data.images import LabelledImages
from ganaug.data.sources import Dataset
from ganaug.data.values import Range


class Exported(NamedTuple):
    """A synthetic set, and how its images would have looked in the source, before preparation."""

    images: LabelledImages
    source: Dataset
    """The real images, before preparation."""
    limits: Range
    """The source's values that preparation maps to black and white."""

    def pixels(self) -> Iterator[tuple[int, str, np.ndarray]]:
        """Yield each image's label, class and pixels, (H, W, C) uint8."""
        number = 0
        for chunk in chunks(self.images.images):
            for image in chunk.transpose(0, 2, 3, 1):
                label = int(self.images.labels[number])
                yield label, self.images.classes[label], image
                number += 1


class ReadBack(NamedTuple):
    """Settings of section `prepare` that read an exported set."""

    source: dict[str, Any]
    path: str = ""
    """Path of the data within the exported folder; empty: the folder itself."""


@settings
class Format(ABC):
    """Writes a synthetic set, with its images in order."""

    @classmethod
    def small(cls) -> Self:
        """Return the version whose files are smallest, for tests."""
        return cls()

    @abstractmethod
    def write(self, exported: Exported, folder: Path) -> ReadBack | None:
        """Write images and classes to the existing `folder`.

        Return how ganaug can read them back, or None if it cannot. The name README.md is reserved for the card. Raises
        InputError if a library is missing.
        """
