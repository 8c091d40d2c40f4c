"""PLUG-IN: data sources, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True, kw_only=True)
class RawImages:
    """The images of a source before resizing, conversion and splitting.

    images: N uint8 arrays (H, W, C) with C from 1 to 4; sizes and channels may differ. May be lazy, but
        can be iterated several times, each time from the beginning.
    labels: int64, (N,).
    classes: class names, indexed by label.
    names: N names for error messages, such as file names.
    groups: (N,); images with the same value must end up in the same split. None: every image is its own group.
    test: bool, (N,), True for images of the source's own test set; None if it has none.
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
        """Read the images at `path`; a source that ships with a dependency ignores `path`.

        Raises InputError, naming the file and the remedy, if anything is missing or unreadable.
        """

    def title(self, path: Path) -> str:
        """Return the name of the data in reports; by default, the name of the file or folder at `path`."""
        return path.stem
