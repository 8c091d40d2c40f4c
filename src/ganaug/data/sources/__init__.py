"""PLUG-IN: one file a source of labelled images."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, kw_only=True)
class RawImages:
    """What a source delivers, before resizing, conversion and splitting.

    images: N arrays, uint8, (H, W, C) with C from 1 to 4; sizes and channels may differ; may be read lazily, once.
    labels: int64, (N,).
    classes: name of each class, its position is the label.
    names: N names for messages, such as file names.
    groups: (N,), images that must stay on one side of the split share a value; None: each image stands alone.
    test: bool, (N,), the test set that comes with the data; None: it has none.
    """

    images: Iterable[np.ndarray]
    labels: np.ndarray
    classes: tuple[str, ...]
    names: list[str]
    groups: np.ndarray | None = None
    test: np.ndarray | None = None


class Dataset(ABC):
    """A source of labelled images."""

    @abstractmethod
    def load(self, path: Path) -> RawImages:
        """Read what is at `path`; a source that ships with a dependency ignores it.

        Raises InputError that names the file and the remedy if something there is missing or unreadable.
        """

    def title(self, path: Path) -> str:
        """Return what the data are called in reports: by default as the file or folder at `path` is."""
        return path.stem
