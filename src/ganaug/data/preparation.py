"""Turns a data source into the sets that all later stages read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.core.pictures import MODES, picture
from ganaug.core.plugins import describe
from ganaug.core.rows import Rows
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages, checksum
from ganaug.data.settings import Prepare
from ganaug.data.sources import RawImages
from ganaug.data.splits import LEFT_OUT, POOL, TEST, VAL, content_groups, join_groups, per_class, split, take_per_class

REMEDIES = {
    POOL: "lower prepare.val or prepare.test",
    VAL: "raise prepare.val, or lower prepare.test",
    TEST: "raise prepare.test",
}
"""What to try if a class has no image in a split."""


@dataclass(frozen=True)
class Splits:
    """A data set after the split, which all replicates share."""

    pool: LabelledImages
    val: LabelledImages
    test: LabelledImages
    notes: dict[str, int]
    """Numbers of duplicates, of duplicates with different labels, and of images left out."""


class Draw(NamedTuple):
    """Which images of the pool, as sorted indices, are in one replicate's limited training set, and which are not."""

    train: np.ndarray
    unlabelled: np.ndarray


def read_and_split(settings: Prepare, seed: int, file: Path) -> Splits:
    """Read the source and split it. Raises InputError if it cannot be read, or if a split lacks a class.

    file: where all images are written, as .npy; the splits' images stay there.
    """
    if not settings.path.exists():
        raise InputError(f"{settings.path}: no such file or folder; correct prepare.path")
    raw = settings.source.load(settings.path)
    if settings.test is None and raw.test is None:
        raise InputError("prepare.test: null needs a source with its own test set; give a share, such as 0.3")
    images = uniform(raw, settings, file)
    copies = content_groups(images)
    groups = copies if raw.groups is None else join_groups(copies, raw.groups)
    assignment = split(
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
    _check_classes(whole, assignment, settings)
    notes = {
        "duplicates": len(whole) - len(np.unique(copies)),
        "duplicates_with_other_label": _conflicts(copies, raw.labels),
        "left_out": int((assignment == LEFT_OUT).sum()),
    }
    pool, val, test = (whole.subset(np.flatnonzero(assignment == part)) for part in (POOL, VAL, TEST))
    return Splits(pool, val, test, notes)


def _check_classes(whole: LabelledImages, assignment: np.ndarray, settings: Prepare) -> None:
    """Raise InputError if a class has no image in one of the splits. assignment: (N,), as `split` returns it."""
    for part, title in ((POOL, "training pool"), (VAL, "validation set"), (TEST, "test set")):
        counts = whole.subset(np.flatnonzero(assignment == part)).counts
        missing = [name for name, count in counts.items() if count == 0]
        if missing:
            images = whole.subset(np.flatnonzero(whole.labels == whole.classes.index(missing[0])))
            raise InputError(
                f"{settings.path}: after the split, the {title} has no image of class {', '.join(map(repr, missing))}; "
                f"{missing[0]!r} has {len(images)} images in {images.number_of_groups} groups, and groups stay "
                f"together: add images, or {REMEDIES[part]}"
            )


def draw_order(pool: LabelledImages, seed: int, replicate: int) -> np.ndarray:
    """Return the order (N,) in which a replicate draws its training images from the pool."""
    return numpy_generator(seed, f"prepare/draw/{replicate}").permutation(len(pool))


def draw_training(settings: Prepare, pool: LabelledImages, order: np.ndarray) -> Draw:
    """Draw one replicate's limited training set. Raises InputError if a class has too few images."""
    wanted = per_class(settings.labelled_per_class, list(pool.counts.values()), pool.classes)
    chosen = take_per_class(order, pool.labels, wanted)
    return Draw(chosen, np.setdiff1d(np.arange(len(pool)), chosen))


def uniform(raw: RawImages, settings: Prepare, file: Path) -> Rows:
    """Write the source's images to `file` as uint8 (N, C, H, W), resized and converted as `settings` require.

    Returns them, still in the file. Without prepare.channels, all images get as many as the one with most.

    Raises InputError that names the first image of another size, or if images are not 8 to 128 pixels high and wide.
    """
    channels: int | None = settings.channels or 1
    while channels is not None:
        channels = _write(raw, settings, channels, file)
    images: np.memmap = np.load(file, mmap_mode="r")
    return images


def _write(raw: RawImages, settings: Prepare, channels: int, file: Path) -> int | None:
    """Write all images with `channels` channels to `file`, and return None.

    Without prepare.channels: stop at the first image that has more, and return how many.
    """
    written: np.memmap | None = None
    for index, (name, image) in enumerate(zip(raw.names, raw.images, strict=True)):
        if settings.channels is None and image.shape[2] > channels:
            return image.shape[2]
        pixels = _convert(_resize(image, settings), channels).transpose(2, 0, 1)
        if written is None:
            _check_size(*pixels.shape[1:])
            written = np.lib.format.open_memmap(file, "w+", np.uint8, (len(raw.names), *pixels.shape))
        (_, height, width), (_, _, first_height, first_width) = pixels.shape, written.shape
        if (height, width) != (first_height, first_width):
            raise InputError(
                f"{name}: {height}×{width} pixels, but {raw.names[0]} has {first_height}×{first_width}; "
                "set prepare.size to resize all images to one size"
            )
        written[index] = pixels
    return None


def _check_size(height: int, width: int) -> None:
    if not (8 <= height <= 128 and 8 <= width <= 128):
        raise InputError(f"images are {height}×{width} pixels; set prepare.size between 8 and 128")


def _resize(image: np.ndarray, settings: Prepare) -> np.ndarray:
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
    """Count the images whose content also occurs with another label. groups: of equal images, (N,); labels: (N,)."""
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    contents, label_counts = np.unique(pairs[0], return_counts=True)
    return int(np.isin(groups, contents[label_counts > 1]).sum())


def data_card(splits: Splits, draws: Mapping[int, Draw]) -> dict[str, Any]:
    """Return the description of the data for card.json: source, images per split and class, duplicates."""
    parts = {"pool": splits.pool, "val": splits.val, "test": splits.test}
    return {
        "source": splits.test.source,
        "classes": list(splits.test.classes),
        "image_shape": list(splits.test.shape),
        **{name: images.counts for name, images in parts.items()},
        "groups": {name: images.number_of_groups for name, images in parts.items()},
        "train": {str(replicate): splits.pool.subset(draw.train).counts for replicate, draw in draws.items()},
        "unlabelled": {str(replicate): len(draw.unlabelled) for replicate, draw in draws.items()},
        **splits.notes,
    }
