"""PLUG-IN: forms in which a synthetic set is written for other programs, one per file."""

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
    """A synthetic set, and what such images were before preparation."""

    images: LabelledImages
    source: Dataset
    """Where the real images come from."""
    limits: Range
    """The values in the source that became black and white."""

    def pixels(self) -> Iterator[tuple[int, str, np.ndarray]]:
        """Yield each image's label, class and pixels, (H, W, C) uint8."""
        number = 0
        for chunk in chunks(self.images.images):
            for image in chunk.transpose(0, 2, 3, 1):
                label = int(self.images.labels[number])
                yield label, self.images.classes[label], image
                number += 1


class ReadBack(NamedTuple):
    """What section `prepare` needs to read a set that has been written."""

    source: dict[str, Any]
    path: str = ""
    """Below the folder that it was written to; empty: the folder itself."""


@settings
class Format(ABC):
    """Writes a synthetic set. Its images keep their order."""

    @classmethod
    def small(cls) -> Self:
        """Return the version whose files are smallest, for tests."""
        return cls()

    @abstractmethod
    def write(self, exported: Exported, folder: Path) -> ReadBack | None:
        """Write images and classes into the existing `folder`; return how ganaug reads them, None if it cannot.

        The file README.md in this folder is taken. Raises InputError if a library is missing.
        """
