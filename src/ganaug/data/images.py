"""LabelledImages: the data format that all stages exchange."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.rows import Rows, SelectedRows, chunks, save_rows, select

if TYPE_CHECKING:
    import torch

UNLABELLED = -1
"""Label of an image whose class is unknown."""


@dataclass(frozen=True)
class LabelledImages:
    """Images of equal size, each with a class label.

    images: uint8, (N, C, H, W), with C from 1 to 4 and H, W at least 1; an array, or rows of a file.
    labels: int64, (N,), in 0 … len(classes) - 1, or UNLABELLED.
    classes: class names, indexed by label.
    source: description of where the images come from; JSON-serialisable values.
    groups: int64, (N,); images that belong together, such as those of one patient or exact copies, share a number.
        None: every image is its own group.
    attributes: float32, (N, D), the describer's numbers for each image; None: there are none. attribute_names: of
        length D. describer: the spec from which `build` makes the describer.

    Raises InputError if a shape, a dtype or a label is invalid.
    """

    images: Rows
    labels: np.ndarray
    classes: tuple[str, ...]
    source: dict[str, Any] = field(default_factory=dict)
    groups: np.ndarray | None = None
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    describer: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 4 or not 1 <= self.images.shape[1] <= 4:
            raise InputError(
                f"images must be uint8 of shape (N, 1 to 4 channels, height, width), "
                f"not {self.images.dtype} of shape {self.images.shape}"
            )
        if self.labels.dtype != np.int64 or self.labels.shape != self.images.shape[:1]:
            raise InputError(
                f"labels must be int64 of shape ({len(self.images)},), one per image, "
                f"not {self.labels.dtype} of shape {self.labels.shape}"
            )
        if self.groups is not None and (self.groups.dtype != np.int64 or self.groups.shape != self.labels.shape):
            raise InputError(
                f"groups must be int64 of shape ({len(self.images)},), one per image, "
                f"not {self.groups.dtype} of shape {self.groups.shape}"
            )
        described = (len(self.images), len(self.attribute_names))
        if self.attributes is not None and (self.attributes.dtype != np.float32 or self.attributes.shape != described):
            raise InputError(
                f"attributes must be float32 of shape {described}, one row per image and one column per name, "
                f"not {self.attributes.dtype} of shape {self.attributes.shape}"
            )
        invalid = (self.labels < UNLABELLED) | (self.labels >= len(self.classes))
        if invalid.any():
            first = int(np.flatnonzero(invalid)[0])
            raise InputError(
                f"label {self.labels[first]} of image {first} is out of range: "
                f"{len(self.classes)} classes have labels 0 to {len(self.classes) - 1}"
            )

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def counts(self) -> dict[str, int]:
        """Number of images per class."""
        return {name: int((self.labels == label).sum()) for label, name in enumerate(self.classes)}

    @property
    def group_ids(self) -> np.ndarray:
        """Group number of each image, (N,); without `groups`, every image is its own group."""
        return np.arange(len(self)) if self.groups is None else self.groups

    @property
    def described(self) -> np.ndarray:
        """Attributes of each image, (N, D) float32; D is 0 if there are none."""
        return np.zeros((len(self), 0), dtype=np.float32) if self.attributes is None else self.attributes

    @property
    def number_of_groups(self) -> int:
        """Number of distinct groups."""
        return len(np.unique(self.group_ids))

    def subset(self, indices: np.ndarray | Sequence[int]) -> Self:
        """Return the images at `indices`, in that order; images in a file stay there."""
        indices = np.asarray(indices, dtype=np.int64)
        optional = (self.groups, self.attributes)
        groups, attributes = (None if rows is None else rows[indices] for rows in optional)
        images = select(self.images, indices)
        return replace(self, images=images, labels=self.labels[indices], groups=groups, attributes=attributes)

    def with_images(self, more: LabelledImages) -> Self:
        """Return these images followed by `more`, all in memory.

        Each image of `more` is its own group, and its attributes are 0.
        """
        groups = None
        if self.groups is not None:
            groups = np.concatenate([self.groups, np.arange(len(more)) + self.groups.max(initial=-1) + 1])
        attributes = None
        if self.attributes is not None:
            attributes = np.pad(self.attributes, [(0, len(more)), (0, 0)])
        images = np.concatenate([np.asarray(self.images), np.asarray(more.images)])
        labels = np.concatenate([self.labels, more.labels])
        return replace(self, images=images, labels=labels, groups=groups, attributes=attributes)

    def without_labels(self) -> Self:
        """Return the same images, all UNLABELLED."""
        return replace(self, labels=np.full_like(self.labels, UNLABELLED))

    def save(self, folder: Path, *, rows_of: Path | None = None) -> None:
        """Write images.npy, labels.npy, card.json and, if there are any, groups.npy and attributes.npy.

        rows_of: the folder of a saved set that contains these images. Instead of images.npy, rows.npy is then written:
        the row numbers (N,) int64 of the images in that set.

        Equal content always produces identical bytes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("images", "rows", "groups", "attributes"):
            (folder / f"{name}.npy").unlink(missing_ok=True)
        if rows_of is None:
            save_rows(folder / "images.npy", self.images)
        elif isinstance(self.images, SelectedRows):
            np.save(folder / "rows.npy", self.images.numbers)
        else:
            raise ValueError("these images are not a subset of a saved set")
        np.save(folder / "labels.npy", np.ascontiguousarray(self.labels))
        if self.groups is not None:
            np.save(folder / "groups.npy", np.ascontiguousarray(self.groups))
        if self.attributes is not None:
            np.save(folder / "attributes.npy", np.ascontiguousarray(self.attributes))
        card: dict[str, Any] = {
            "classes": list(self.classes),
            "counts": self.counts,
            "image_shape": list(self.shape),
            "images": len(self),
            "value_range": [0, 255],
            "source": self.source,
        }
        if self.attribute_names:
            card |= {"attributes": list(self.attribute_names), "describer": self.describer}
        if rows_of is not None:
            card["rows_of"] = Path(os.path.relpath(rows_of, folder)).as_posix()
        write_json(folder / "card.json", card)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a folder written by `save`; images are read from their file on access.

        Raises InputError if the folder does not contain a valid set.
        """
        try:
            card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
            images: Rows = np.load(folder / card.get("rows_of", "") / "images.npy", mmap_mode="r")
            if "rows_of" in card:
                images = SelectedRows(images, np.load(folder / "rows.npy"))
            labels = np.load(folder / "labels.npy")
            groups, attributes = (
                np.load(file) if (file := folder / f"{name}.npy").exists() else None
                for name in ("groups", "attributes")
            )
            classes, names = tuple(card["classes"]), tuple(card.get("attributes", ()))
            described = attributes, names, card.get("describer")
            return cls(images, labels, classes, card["source"], groups, *described)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{folder}: not a readable set of images ({error}); run `dvc repro` to create it"
            ) from None


def checksum(*arrays: Rows) -> str:
    """Return the SHA-256 of the arrays' dtypes, shapes and contents."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        for part in chunks(array) if array.ndim else [np.asarray(array)]:
            digest.update(part.data)
    return digest.hexdigest()


def to_float(images: torch.Tensor) -> torch.Tensor:
    """Convert uint8 in [0, 255] to float32 in [-1, 1]. This conversion happens nowhere else."""
    return images.float().div_(127.5).sub_(1.0)


def to_uint8(images: torch.Tensor) -> torch.Tensor:
    """Convert floats in [-1, 1] to uint8 in [0, 255], rounded and clipped; the inverse of `to_float`."""
    return images.float().add(1.0).mul(127.5).round().clamp(0, 255).byte()
