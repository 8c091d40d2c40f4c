"""PLUG-IN: data sources, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np

from ganaug.core.errors import InputError, error_context
from ganaug.data.image_files import EncodedImage
from ganaug.data.images import UNLABELLED

SPLITS = {"train": ("train", "training"), "val": ("val", "valid", "validation", "dev"), "test": ("test", "testing")}
"""Value of RawImages.splits → usual names of that split."""


def usual_split(name: str) -> str | None:
    """Return the split that `name` is a usual name of, or None if there is none."""
    return next((split for split, names in SPLITS.items() if name in names), None)


@dataclass(frozen=True, kw_only=True)
class RawImages:
    """The images of a source before resizing, conversion and splitting.

    images: N image files, or arrays (H, W, C) of integers or floats with C from 1 to 4; sizes and channels may differ.
        May be lazy, but can be iterated several times, each time from the beginning.
    labels: int64, (N,); UNLABELLED if the class is unknown.
    classes: class names, indexed by label.
    names: N names for error messages, such as file names.
    groups: (N,); images with the same value must end up in the same split; an image with None, NaN or an empty text is
        its own group. Without groups, every image is its own group.
    splits: (N,), of "train", "val" and "test": the source's own splits; None if it has none.
    other_domain: (N,) bool: which images are not of the domain to classify, such as those of another scanner; they are
        only trained on, or translated. None: no image.
    descriptions: N texts, one per image, empty where there is none; None if the source has no descriptions.
    left_out: reason → number of files below the path that are not read.

    Raises InputError if there are fewer than two classes, or if labels, names, groups, splits or domains do not
    fit.
    """

    images: Iterable[np.ndarray | EncodedImage]
    labels: np.ndarray
    classes: tuple[str, ...]
    names: list[str]
    groups: np.ndarray | None = None
    splits: np.ndarray | None = None
    other_domain: np.ndarray | None = None
    descriptions: Sequence[str] | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with error_context("prepare.source: "):
            self._check()

    def _check(self) -> None:
        count = len(self.names)
        for name in ("labels", "groups", "splits", "other_domain"):
            values = getattr(self, name)
            if values is not None and values.shape != (count,):
                raise InputError(f"{count} images have {name} of shape {values.shape}; give one per image")
        if self.descriptions is not None and len(self.descriptions) != count:
            raise InputError(f"{count} images have {len(self.descriptions)} descriptions; give one per image")
        if self.of_target_domain.sum() == 0:
            raise InputError("all images are of another domain; there is nothing to classify")
        if len(self.classes) < 2:
            raise InputError(f"all images are of one class, {', '.join(self.classes)}; a classifier needs two or more")
        if len(set(self.classes)) < len(self.classes) or not all(self.classes):
            raise InputError(f"class names must be distinct and not empty (given: {list(self.classes)})")
        self._check_values("label", self.labels, np.arange(UNLABELLED, len(self.classes)))
        if self.splits is not None:
            self._check_values("split", self.splits, np.array(list(SPLITS)))

    @property
    def of_target_domain(self) -> np.ndarray:
        """(N,) bool: which images are of the domain to classify."""
        return np.ones(len(self.labels), dtype=bool) if self.other_domain is None else ~self.other_domain

    def _check_values(self, kind: str, values: np.ndarray, allowed: np.ndarray) -> None:
        wrong = np.flatnonzero(~np.isin(values, allowed))
        if len(wrong):
            raise InputError(
                f"{self.names[wrong[0]]} has the {kind} {values[wrong[0]]!s}, which is not among: "
                f"{', '.join(map(str, allowed[:10]))}{', …' if len(allowed) > 10 else ''}"
            )


class Chain(Iterable[np.ndarray | EncodedImage]):
    """The images of several sequences, one after another; can be iterated as often as the sequences."""

    def __init__(self, parts: Sequence[Iterable[np.ndarray | EncodedImage]]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[np.ndarray | EncodedImage]:
        return chain.from_iterable(self.parts)


class Dataset(ABC):
    """A source of labelled images."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests; only useful for sources that need no files."""
        return cls()

    @abstractmethod
    def load(self, path: Path) -> RawImages:
        """Read the images at `path`; a source that ships with a dependency ignores `path`.

        Raises InputError, naming the file and the remedy, if anything is missing or unreadable.
        """

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        """Return the options with which this source reads the data at `path`, or None if it does not recognise them.

        Used by `ganaug init`. Looks at names, headers and tables, not at images.
        """
        return None

    @property
    def shows_time(self) -> bool:
        """Whether images show time from left to right: a shift keeps their class, a rotation or reflection does not."""
        return False

    def restore(self, images: np.ndarray) -> np.ndarray | None:
        """Return prepared images in the source's own form, such as signals; None if it has none or cannot restore it.

        images: (N, H, W, C), float32, in the source's own values.
        """
        return None

    def title(self, path: Path) -> str:
        """Return the name of the data in reports; by default, the name of the file or folder at `path`."""
        return path.stem
