"""From a source to the sets that every later stage reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.core.pictures import MODES, picture
from ganaug.core.plugins import describe
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages, checksum
from ganaug.data.settings import Prepare
from ganaug.data.sources import RawImages
from ganaug.data.splits import LEFT_OUT, POOL, TEST, VAL, content_groups, draw_replicate, join_groups, per_class, split

REMEDIES = {
    POOL: "lower prepare.val or prepare.test",
    VAL: "raise prepare.val, or lower prepare.test",
    TEST: "raise prepare.test",
}
"""What to try where a class has no image on a side."""


@dataclass(frozen=True)
class Splits:
    """A data set after the split: what is the same for every replicate."""

    pool: LabelledImages
    val: LabelledImages
    test: LabelledImages
    notes: dict[str, int]
    """Images found twice, images found twice with different labels, images left out."""


@dataclass(frozen=True)
class Draw:
    """One replicate's limited training set, and what the pool has besides, labels forgotten."""

    train: LabelledImages
    unlabelled: LabelledImages


def divide(settings: Prepare, seed: int) -> Splits:
    """Read the source and split it. Raises InputError if it cannot be read or is too small for the split."""
    if not settings.path.exists():
        raise InputError(f"{settings.path}: no such file or folder; mend prepare.path")
    raw = settings.source.load(settings.path)
    images = uniform(raw, settings)
    copies = content_groups(images)
    groups = copies if raw.groups is None else join_groups(copies, raw.groups)
    if settings.test is None and raw.test is None:
        raise InputError("prepare.test: null needs a source that brings its own test set; give a share, such as 0.3")
    sides = split(
        raw.labels,
        groups,
        val=settings.val,
        test=settings.test if settings.test is not None else np.asarray(raw.test),
        classes=len(raw.classes),
        rng=numpy_generator(seed, "prepare/split"),
    )
    title = settings.source.title(settings.path)
    source = {**describe(settings.source), "title": title, "checksum": checksum(images, raw.labels)}
    whole = LabelledImages(images, raw.labels, raw.classes, source, join_groups(groups))
    parts = {side: whole.subset(np.flatnonzero(sides == side)) for side in (POOL, VAL, TEST)}
    for side, name in ((POOL, "training pool"), (VAL, "val"), (TEST, "test")):
        bare = [label for label, count in parts[side].counts.items() if count == 0]
        if bare:
            first = whole.subset(np.flatnonzero(whole.labels == whole.classes.index(bare[0])))
            raise InputError(
                f"{settings.path}: no image of class {', '.join(map(repr, bare))} is in the {name} after the split; "
                f"{bare[0]!r} has {len(first)} images in {first.number_of_groups} groups, and groups stay together: "
                f"bring more, or {REMEDIES[side]}"
            )
    notes = {
        "duplicates": len(whole) - len(np.unique(copies)),
        "duplicates_with_other_label": _conflicts(copies, raw.labels),
        "left_out": int((sides == LEFT_OUT).sum()),
    }
    return Splits(parts[POOL], parts[VAL], parts[TEST], notes)


def draw_training(settings: Prepare, pool: LabelledImages, seed: int, replicate: int) -> Draw:
    """Draw the limited training set of one replicate. Raises InputError if a class has too few images."""
    wanted = per_class(settings.labelled_per_class, list(pool.counts.values()), pool.classes)
    chosen = draw_replicate(pool.labels, wanted, seed, replicate)
    rest = np.setdiff1d(np.arange(len(pool)), chosen)
    return Draw(pool.subset(chosen), pool.subset(rest).without_labels())


def uniform(raw: RawImages, settings: Prepare) -> np.ndarray:
    """Return the source's images as one uint8 array (N, C, H, W), resized and converted as the settings say.

    Raises InputError that names the first image that does not fit the others.
    """
    fitted = [_fit(image, settings) for image in raw.images]
    channels: int = settings.channels or max((image.shape[2] for image in fitted), default=1)
    fitted = [_convert(image, channels) for image in fitted]
    for name, image in zip(raw.names, fitted, strict=True):
        if image.shape != fitted[0].shape:
            raise InputError(
                f"{name}: {image.shape[0]}×{image.shape[1]} pixels, but {raw.names[0]} has "
                f"{fitted[0].shape[0]}×{fitted[0].shape[1]}; set prepare.size to resize all to one size"
            )
    height, width = fitted[0].shape[:2]
    if not (8 <= height <= 128 and 8 <= width <= 128):
        raise InputError(f"images are {height}×{width} pixels; set prepare.size between 8 and 128")
    return np.ascontiguousarray(np.stack(fitted).transpose(0, 3, 1, 2))


def _fit(image: np.ndarray, settings: Prepare) -> np.ndarray:
    if settings.size is None:
        return image
    height, width = settings.size if isinstance(settings.size, tuple) else (settings.size, settings.size)
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(picture(image).resize((width, height), Image.Resampling.LANCZOS)).reshape(height, width, -1)


def _convert(image: np.ndarray, channels: int) -> np.ndarray:
    if image.shape[2] == channels:
        return image
    return np.asarray(picture(image).convert(MODES[channels])).reshape(*image.shape[:2], channels)


def _conflicts(groups: np.ndarray, labels: np.ndarray) -> int:
    """Count the images whose content also occurs with another label."""
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    contents, kinds = np.unique(pairs[0], return_counts=True)
    return int(np.isin(groups, contents[kinds > 1]).sum())


def data_card(sides: Splits, draws: dict[int, Draw]) -> dict[str, Any]:
    """Return what a reader should know of the data: where from, how many of what on which side, what was odd."""
    return {
        "source": sides.test.source,
        "classes": list(sides.test.classes),
        "image_shape": list(sides.test.shape),
        "pool": sides.pool.counts,
        "val": sides.val.counts,
        "test": sides.test.counts,
        "groups": {
            side: images.number_of_groups
            for side, images in (("pool", sides.pool), ("val", sides.val), ("test", sides.test))
        },
        "train": {str(replicate): part.train.counts for replicate, part in draws.items()},
        "unlabelled": {str(replicate): len(part.unlabelled) for replicate, part in draws.items()},
        **sides.notes,
    }
