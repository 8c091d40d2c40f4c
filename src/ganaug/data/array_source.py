"""The base of sources of named arrays: images and labels in one file, for all splits together or for each split."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError, error_context
from ganaug.data.labels import class_labels
from ganaug.data.sources import SPLITS, Chain, Dataset, RawImages

BY_SPLIT = ("{split}_images", "{split}_labels"), ("x_{split}", "y_{split}"), ("X_{split}", "y_{split}")
"""How MedMNIST, Keras and others name images and labels of each split."""

LABELS = frozenset({"labels", "label", "y", "targets", "target", "classes", "class"})
"""Usual names of arrays of labels, in lower case."""

Layout = Literal["NHWC", "NCHW", "HWCN"]


class Stored(Protocol):
    """An array in a file. Iterating it yields its rows without reading them all."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> np.dtype: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray: ...


class _Part(NamedTuple):
    """The names of the arrays of one split, or of all images if `split` is None."""

    split: str | None
    images: str
    labels: str
    groups: str | None


@settings
class ArraySource(Dataset):
    """Images (N, H, W) or (N, H, W, C), of integers or floats; labels (N,) or (N, 1), integers or texts, or one-hot.

    `{split}` in the name of an array stands for train, val (or valid, validation) and test: `'{split}_images'` reads
    `train_images`, `val_images` and `test_images`. The source then brings its own splits.
    """

    images: str = "images"
    """Name of the array of images."""
    labels: str = "labels"
    """Name of the array of labels."""
    classes: str | None = None
    """Name of an array of class names, indexed by label; None: the distinct labels are the class names."""
    groups: str | None = None
    """Name of an array (N,) of group ids, such as patients; a group is never divided between splits."""
    layout: Layout = "NHWC"
    """Order of the axes of the images: N images, H height, W width, C channels (left out if there is one)."""

    @abstractmethod
    def arrays(self, path: Path) -> Mapping[str, Stored]:
        """Open the file at `path` and return its arrays by name. Raises InputError if it cannot be read."""

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        try:
            arrays = cls().arrays(path)
        except InputError:
            return None
        for images, labels in BY_SPLIT:
            if images.replace("{split}", "train") in arrays and labels.replace("{split}", "train") in arrays:
                return {"images": images, "labels": labels}
        stacks = [name for name, array in arrays.items() if len(array.shape) in (3, 4) and array.dtype.kind in "biuf"]
        if len(stacks) != 1:
            return None
        shape = arrays[stacks[0]].shape
        channels_first = len(shape) == 4 and 1 <= shape[1] <= 4 < shape[3]
        named = [
            name
            for name, array in arrays.items()
            if name.rpartition("/")[2].lower() in LABELS and array.shape[:1] == shape[:1]
        ]
        if len(named) != 1:
            return None
        return {"images": stacks[0], "labels": named[0], **({"layout": "NCHW"} if channels_first else {})}

    def load(self, path: Path) -> RawImages:
        arrays = self.arrays(path)
        with error_context(f"{path}: "):
            parts = self._parts(arrays)
            images = [Images(arrays[part.images], self.layout, part.images) for part in parts]
            labels, classes = self._labels(arrays, parts, images)
            return RawImages(
                images=Chain(images),
                labels=labels,
                classes=classes,
                names=[
                    f"image {index} of {path}" + (f", {part.images}" if part.split else "")
                    for part, stack in zip(parts, images, strict=True)
                    for index in range(len(stack))
                ],
                groups=self._groups(arrays, parts, images),
                splits=np.repeat([part.split for part in parts], [len(stack) for stack in images])
                if parts[0].split
                else None,
            )

    def _parts(self, arrays: Mapping[str, Stored]) -> list[_Part]:
        """Return which arrays to read. Raises InputError if one is missing."""
        parts = [self._part(None, "")]
        if "{split}" in self.images:
            parts = [self._part(split, spelling) for split, spellings in SPLITS.items() for spelling in spellings]
            parts = [part for part in parts if part.images in arrays]
        wanted = [name for part in parts for name in (part.images, part.labels, part.groups) if name]
        wanted += [self.classes] if self.classes else []
        missing = [name for name in wanted if name not in arrays] if parts else [self.images]
        if missing:
            raise InputError(
                f"no array named {', '.join(map(repr, missing))}; the file has {', '.join(arrays) or 'none'}: "
                + (_suggestion(list(arrays)) or f"set {', '.join(self._parameters(missing))} to the right names")
            )
        return parts

    def _part(self, split: str | None, spelling: str) -> _Part:
        def named(pattern: str) -> str:
            return pattern.replace("{split}", spelling) if split else pattern

        return _Part(split, named(self.images), named(self.labels), named(self.groups) if self.groups else None)

    def _parameters(self, names: list[str]) -> list[str]:
        """Return the parameters in params.yaml that name the arrays `names`."""
        fields = {"images": self.images, "labels": self.labels, "classes": self.classes, "groups": self.groups}
        return [f"prepare.source.{field}" for field, name in fields.items() if name in names] or ["prepare.source"]

    def _labels(
        self, arrays: Mapping[str, Stored], parts: list[_Part], images: list[Images]
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        values = [np.asarray(arrays[part.labels]) for part in parts]
        for part, value, stack in zip(parts, values, images, strict=True):
            if value.ndim == 0 or len(value) != len(stack):
                raise InputError(
                    f"array '{part.images}' holds {len(stack)} images, but '{part.labels}' of shape {value.shape} "
                    f"does not have one label for each"
                )
        names = None
        if self.classes is not None:
            names = [str(name.decode() if isinstance(name, bytes) else name) for name in _listed(arrays[self.classes])]
        with error_context(f"'{self.labels}': "):
            return class_labels(np.concatenate(values), names)

    def _groups(self, arrays: Mapping[str, Stored], parts: list[_Part], images: list[Images]) -> np.ndarray | None:
        if self.groups is None:
            return None
        values = [np.asarray(arrays[part.groups or ""]) for part in parts]
        for part, groups, stack in zip(parts, values, images, strict=True):
            if groups.shape != (len(stack),):
                raise InputError(f"array '{part.groups}' must hold {len(stack)} group ids, not shape {groups.shape}")
        return np.concatenate(values)


def _listed(array: Stored) -> list[Any]:
    listed = np.asarray(array)
    if listed.ndim != 1:
        raise InputError(f"class names must be a list of texts, not of shape {listed.shape}")
    return listed.tolist()


def _suggestion(names: list[str]) -> str | None:
    """Return the settings for a file with arrays for each split, or None if their names are not usual ones."""
    for images, labels in BY_SPLIT:
        if images.replace("{split}", "train") in names and labels.replace("{split}", "train") in names:
            return f"set prepare.source.images to '{images}' and prepare.source.labels to '{labels}'"
    return None


class Images(Iterable[np.ndarray]):
    """The images of an array, one at a time, as (H, W, C)."""

    def __init__(self, array: Stored, layout: Layout, name: str) -> None:
        """Raise InputError if the array does not have the shape of images."""
        self.array, self.layout = array, layout
        axes = layout if len(array.shape) == 4 else layout.replace("C", "")
        lengths = dict(zip(axes, array.shape, strict=False))
        if len(array.shape) not in (3, 4) or array.dtype.kind not in "biuf" or not 1 <= lengths.get("C", 1) <= 4:
            raise InputError(
                f"array '{name}' must hold numbers of shape {_shape(layout)} with 1 to 4 channels, or of shape "
                f"{_shape(layout.replace('C', ''))}, not {array.dtype} of shape {tuple(array.shape)}"
                + _layout_hint(tuple(array.shape), layout)
            )
        if not math.prod(array.shape):
            raise InputError(f"array '{name}' of shape {tuple(array.shape)} is empty")
        self.axes, self.count = axes, lengths["N"]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[np.ndarray]:
        if self.axes[0] == "N":
            order = [self.axes[1:].index(axis) for axis in "HWC" if axis in self.axes]
            rows: Iterable[np.ndarray] = (np.asarray(row).transpose(order) for row in self.array)
        else:  # an image's pixels are spread over the whole file
            rows = np.moveaxis(np.asarray(self.array), -1, 0)
        for row in rows:
            yield row if row.ndim == 3 else row[..., None]


def _shape(axes: str) -> str:
    return f"({', '.join({'N': 'N', 'H': 'height', 'W': 'width', 'C': 'channels'}[axis] for axis in axes)})"


def _layout_hint(shape: tuple[int, ...], given: str) -> str:
    """Return a hint at another layout that the shape would fit, or an empty text."""
    other = [layout for layout in ("NHWC", "NCHW", "HWCN") if layout != given]
    fits = [layout for layout in other if len(shape) == 4 and 1 <= shape[layout.index("C")] <= 4]
    return f"; if its axes are {_shape(fits[0])}, set prepare.source.layout to {fits[0]}" if fits else ""
