"""Turns a data source into the sets that all later stages read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.plugins import describe
from ganaug.core.rows import Rows, select
from ganaug.core.seeding import numpy_generator
from ganaug.data.conversion import as_channels
from ganaug.data.images import LabelledImages, checksum
from ganaug.data.labels import group_numbers
from ganaug.data.settings import Prepare
from ganaug.data.sources import RawImages
from ganaug.data.splits import LEFT_OUT, POOL, TEST, VAL, content_groups, join_groups, per_class, split, take_per_class
from ganaug.data.uniform import Uniform, read_uniform
from ganaug.data.values import Percentiles, Range, range_of_percentiles, range_of_type, to_levels

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
    raw: RawImages
    """What the source delivered."""
    uniform: Uniform
    """How its images were read."""
    black_and_white: Range
    """The values that became black and white."""
    notes: dict[str, int]
    """Numbers of duplicates, of duplicates with different labels, and of images left out."""


class Draw(NamedTuple):
    """Which images of the pool, as sorted indices, are in one replicate's limited training set, and which are not."""

    train: np.ndarray
    unlabelled: np.ndarray


def read_and_split(settings: Prepare, seed: int, folder: Path) -> Splits:
    """Read the source and split it. Raises InputError if it cannot be read, or if a split lacks a class.

    folder: where all images are written, as .npy files; the splits' images stay there.
    """
    if not settings.path.exists():
        raise InputError(f"{settings.path}: no such file or folder; correct prepare.path")
    raw = settings.source.load(settings.path)
    val, test = (_wanted(name, getattr(settings, name), raw) for name in ("val", "test"))
    uniform = read_uniform(raw, settings, folder / "read.npy")
    images = uniform.images
    if not isinstance(settings.values, Percentiles):
        declared = range_of_type(uniform.kind, uniform.found) if settings.values == "type" else settings.values
        limits = Range(*declared)
        images = _levels(images, limits, settings, folder)
    copies = content_groups(images)
    given, unknown = (None, 0) if raw.groups is None else group_numbers(raw.groups)
    groups = copies if given is None else join_groups(copies, given)
    assignment = split(
        raw.labels, groups, val=val, test=test, classes=len(raw.classes), rng=numpy_generator(seed, "prepare/split")
    )
    if isinstance(settings.values, Percentiles):
        limits = range_of_percentiles(select(images, np.flatnonzero(assignment == POOL)), settings.values.percentiles)
        images = _levels(images, limits, settings, folder)
    title = settings.source.title(settings.path)
    source = {**describe(settings.source), "title": title, "checksum": checksum(images, raw.labels)}
    whole = LabelledImages(images, raw.labels, raw.classes, source, join_groups(groups))
    _check_classes(whole, assignment, settings)
    notes = {
        "duplicates": len(whole) - len(np.unique(copies)),
        "duplicates_with_other_label": _conflicts(copies, raw.labels),
        "left_out": int((assignment == LEFT_OUT).sum()),
        "unknown_groups": unknown,
    }
    pool, val_set, test_set = (whole.subset(np.flatnonzero(assignment == part)) for part in (POOL, VAL, TEST))
    return Splits(pool, val_set, test_set, raw, uniform, limits, notes)


def _wanted(name: str, amount: float | int | None, raw: RawImages) -> float | int | np.ndarray:
    """Return what `split` takes for prepare.val or prepare.test: the amount, or the mask (N,) of the own set."""
    if amount is not None:
        return amount
    mask = raw.splits == name if raw.splits is not None else np.zeros(len(raw.labels), bool)
    if not mask.any():
        title = {"val": "validation", "test": "test"}[name]
        raise InputError(f"prepare.{name}: null needs a source with its own {title} set; give a share, such as 0.3")
    return mask


def _levels(images: Rows, limits: Range, settings: Prepare, folder: Path) -> Rows:
    """Convert images with values of their own to uint8; images that need no conversion stay as they are."""
    if images.dtype == np.uint8 and limits == (0, 255):
        return images
    background = as_channels(settings.background, images.shape[1])
    return to_levels(images, limits, background, folder / "levels.npy")


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


def _conflicts(groups: np.ndarray, labels: np.ndarray) -> int:
    """Count the images whose content also occurs with another label. groups: of equal images, (N,); labels: (N,)."""
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    contents, label_counts = np.unique(pairs[0], return_counts=True)
    return int(np.isin(groups, contents[label_counts > 1]).sum())
