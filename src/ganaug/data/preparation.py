"""Turns a data source into the sets that all later stages read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganaug.core.errors import InputError, error_context
from ganaug.core.plugins import describe
from ganaug.core.rows import Rows, select
from ganaug.core.seeding import numpy_generator
from ganaug.data.conversion import as_channels
from ganaug.data.further_images import with_other_domain, with_unlabelled
from ganaug.data.images import UNLABELLED, LabelledImages, checksum
from ganaug.data.labels import group_numbers
from ganaug.data.near_duplicates import NearDuplicates, near_duplicates
from ganaug.data.settings import Prepare
from ganaug.data.sources import RawImages
from ganaug.data.splits import (
    LEFT_OUT,
    OTHER_DOMAIN,
    POOL,
    TEST,
    VAL,
    connected,
    content_groups,
    join_groups,
    split,
)
from ganaug.data.training_draws import Draw, draw_order, draw_training
from ganaug.data.uniform import Uniform, read_uniform
from ganaug.data.values import Percentiles, Range, range_of_percentiles, range_of_type, to_levels

REMEDIES = {
    POOL: "lower prepare.val or prepare.test",
    VAL: "raise prepare.val, or lower prepare.test",
    TEST: "raise prepare.test",
}
"""Split → the remedy if a class has no image in it."""


@dataclass(frozen=True)
class Splits:
    """A data set after the split, which all replicates share."""

    pool: LabelledImages
    val: LabelledImages
    test: LabelledImages
    other_domain: LabelledImages
    """Images of another domain; none, some or all of them have labels."""
    whole: LabelledImages
    """All images, in the order of the source."""
    raw: RawImages
    """The images and labels as the source gives them."""
    uniform: Uniform
    """The images after reading, of one size."""
    black_and_white: Range
    """The values that became black and white."""
    pairs: NearDuplicates
    """Near-duplicates in different splits, as numbers of images of `whole`."""
    notes: dict[str, int]
    """Counts of duplicates of several kinds, of images left out, and of images without a group."""


class Drawn(NamedTuple):
    """The splits; and for each replicate, the order in which it draws from the pool, and its draw."""

    splits: Splits
    orders: dict[int, np.ndarray]
    draws: dict[int, Draw]


def prepare(settings: Prepare, seed: int, replicates: Sequence[int], folder: Path) -> Drawn:
    """Read the source, split it, and draw each replicate's limited training set.

    folder: where all images are written, as .npy files; the splits' images stay there.

    Raises InputError if the data cannot be read, or if there are too few images.
    """
    splits = read_and_split(settings, seed, folder)
    orders = {replicate: draw_order(splits.pool, seed, replicate) for replicate in replicates}
    wanted = settings.labelled_per_class
    draws = {replicate: draw_training(wanted, splits.pool, order) for replicate, order in orders.items()}
    return Drawn(splits, orders, draws)


def read_and_split(settings: Prepare, seed: int, folder: Path) -> Splits:
    """Read the source and split it. Raises InputError if it cannot be read, or if a split lacks a class.

    folder: where all images are written, as .npy files; the splits' images stay there.
    """
    raw = _load(settings)
    return split_images(raw, read_images(raw, settings, folder), settings, seed, folder)


def read_images(raw: RawImages, settings: Prepare, folder: Path) -> Uniform:
    """Read all images of a source, keeping their values.

    Raises InputError if the images, or the source's own splits, do not fit the settings.
    """
    for name in ("val", "test"):
        _wanted(name, getattr(settings, name), raw)  # an error now, not after all images were read
    return read_uniform(raw, settings, folder / "read.npy")


def split_images(raw: RawImages, uniform: Uniform, settings: Prepare, seed: int, folder: Path) -> Splits:
    """Split images that `read_images` has read into `folder`. Raises InputError as `read_and_split` does."""
    val, test = (_wanted(name, getattr(settings, name), raw) for name in ("val", "test"))
    limits = _limits(settings, uniform)
    images = uniform.images if isinstance(limits, Percentiles) else as_levels(uniform.images, limits, settings, folder)
    groups, notes = _groups(images, raw, settings)
    assignment = split(
        raw.labels,
        groups,
        val=val,
        test=test,
        classes=len(raw.classes),
        rng=numpy_generator(seed, "prepare/split"),
        other_domain=raw.other_domain,
    )
    assignment[(assignment == OTHER_DOMAIN) & _held_out_by_source(settings, raw)] = LEFT_OUT
    if isinstance(limits, Percentiles):
        limits = range_of_percentiles(select(images, np.flatnonzero(assignment == POOL)), limits.percentiles)
        images = as_levels(images, limits, settings, folder)
    title = settings.source.title(settings.labelled_path)
    source = {**describe(settings.source), "title": title, "checksum": checksum(images, raw.labels)}
    described = _attributes(raw, assignment, settings)
    whole = LabelledImages(images, raw.labels, raw.classes, source, join_groups(groups), *described)
    _check_classes(whole, assignment, raw.of_target_domain, settings)
    splits = np.where(assignment == OTHER_DOMAIN, POOL, assignment)  # both are trained on
    pairs = near_duplicates(images, np.where(assignment == LEFT_OUT, -1, splits))
    if len(pairs) and settings.near_duplicates == "refuse":
        raise InputError(_shown(pairs, raw.names) + "; remove one of each pair, or set it to group or warn")
    notes |= {"left_out": int((assignment == LEFT_OUT).sum()), "near_duplicates": len(pairs)}
    pool, val_set, test_set, other_domain = (
        whole.subset(np.flatnonzero(assignment == part)) for part in (POOL, VAL, TEST, OTHER_DOMAIN)
    )
    return Splits(pool, val_set, test_set, other_domain, whole, raw, uniform, limits, pairs, notes)


def _load(settings: Prepare) -> RawImages:
    """Return the images of the source, and those of prepare.unlabelled and prepare.other_domain."""
    for path, parameter in ((settings.path, "path"), (settings.labelled_path, "labelled")):
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; correct prepare.{parameter}")
    raw = settings.source.load(settings.labelled_path)
    if settings.unlabelled is not None:
        raw = with_unlabelled(raw, settings.path / settings.unlabelled)
    return raw if settings.other_domain is None else with_other_domain(raw, settings.path / settings.other_domain)


def _limits(settings: Prepare, uniform: Uniform) -> Range | Percentiles:
    """Return the values that become black and white, or the percentiles of the training pool that define them."""
    if settings.values == "type":
        return range_of_type(uniform.kind, uniform.found)
    return Range(*settings.values) if isinstance(settings.values, tuple) else settings.values


def _groups(images: Rows, raw: RawImages, settings: Prepare) -> tuple[np.ndarray, dict[str, int]]:
    """Return the images' group numbers (N,), and counts of duplicates and of images without a group.

    All images of a group belong in one split.
    """
    copies, labelled = content_groups(images), raw.labels != UNLABELLED
    groupings = [copies]
    notes = {
        "duplicates": len(copies) - len(np.unique(copies)),
        "duplicates_with_other_label": _conflicts(copies[labelled], raw.labels[labelled]),
        "unknown_groups": 0,
    }
    if raw.groups is not None:
        grouping, notes["unknown_groups"] = group_numbers(raw.groups)
        groupings.append(grouping)
    if settings.near_duplicates == "group":
        groupings.append(connected(len(copies), near_duplicates(images).numbers))
    # the numbers determine the random split: without other groups, they are those of the copies
    return copies if len(groupings) == 1 else join_groups(*groupings), notes


def _conflicts(groups: np.ndarray, labels: np.ndarray) -> int:
    """Count the images whose content also occurs with another label. groups: of equal images, (N,); labels: (N,)."""
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    contents, label_counts = np.unique(pairs[0], return_counts=True)
    return int(np.isin(groups, contents[label_counts > 1]).sum())


def _attributes(
    raw: RawImages, assignment: np.ndarray, settings: Prepare
) -> tuple[np.ndarray | None, tuple[str, ...], dict[str, Any] | None]:
    """Return the attributes (N, D) of all images, their names, and the spec of the describer, fitted on the pool."""
    if settings.describer is None:
        return None, (), None
    if raw.descriptions is None:
        raise InputError(
            "prepare.describer: this source has no descriptions; use a table and set prepare.source.description, or "
            "set prepare.describer to null"
        )
    with error_context("prepare.describer: "):
        names = settings.describer.fit(
            [raw.descriptions[number] for number in np.flatnonzero(assignment == POOL).tolist()]
        )
    return settings.describer.vectors(raw.descriptions, names), names, describe(settings.describer)


def _shown(pairs: NearDuplicates, names: Sequence[str]) -> str:
    """Return a sentence about near-duplicates in different splits."""
    shown = "; ".join(f"{names[first]} and {names[second]}" for first, second in pairs.numbers[:5])
    count = f"{len(pairs)} pairs of images in different splits"
    return f"prepare.near_duplicates: {count} are nearly the same, such as {shown}"


def _wanted(name: str, amount: float | int | None, raw: RawImages) -> float | int | np.ndarray:
    """Return prepare.val or prepare.test as `split` takes it: the amount, or a mask (N,) of the source's own set."""
    if amount is not None:
        return amount
    in_set = raw.splits == name if raw.splits is not None else np.zeros(len(raw.labels), bool)
    mask: np.ndarray = in_set & raw.of_target_domain
    if not mask.any():
        title = {"val": "validation", "test": "test"}[name]
        raise InputError(f"prepare.{name}: null needs a source with its own {title} set; give a share, such as 0.3")
    return mask


def _held_out_by_source(settings: Prepare, raw: RawImages) -> np.ndarray:
    """Return a mask (N,) of the images that must not be trained on: those in the source's own sets that are used."""
    used = [name for name in ("val", "test") if getattr(settings, name) is None]
    return np.isin(raw.splits, used) if raw.splits is not None else np.zeros(len(raw.labels), bool)


def as_levels(images: Rows, limits: Range, settings: Prepare, folder: Path) -> Rows:
    """Convert images to uint8, from black to white within `limits`; images that need no conversion are unchanged."""
    if images.dtype == np.uint8 and limits == (0, 255):
        return images
    background = as_channels(settings.background, images.shape[1])
    return to_levels(images, limits, background, folder / "levels.npy")


def _check_classes(whole: LabelledImages, assignment: np.ndarray, target: np.ndarray, settings: Prepare) -> None:
    """Raise InputError if a class has no image in one of the splits.

    assignment: (N,), as `split` returns it. target: (N,) bool, which images are of the domain to classify.
    """
    for part, title in ((POOL, "training pool"), (VAL, "validation set"), (TEST, "test set")):
        counts = whole.subset(np.flatnonzero(assignment == part)).counts
        missing = [name for name, count in counts.items() if count == 0]
        if missing:
            images = whole.subset(np.flatnonzero(target & (whole.labels == whole.classes.index(missing[0]))))
            if len(images) == 0:
                raise InputError(
                    f"{settings.path}: all images of class {missing[0]!r} are of another domain; add images of the "
                    f"domain to classify, or remove the class"
                )
            groups = images.number_of_groups
            grouped = (
                f" in {groups} group{'s' * (groups > 1)}, and a group is never divided" if groups < len(images) else ""
            )
            enough = f"or {REMEDIES[part]}" if groups >= len(REMEDIES) else "three or more in all, or remove the class"
            raise InputError(
                f"{settings.path}: after the split, the {title} has no image of class {', '.join(map(repr, missing))}; "
                f"{missing[0]!r} has {len(images)} images{grouped}: add {'groups' if grouped else 'images'}, {enough}"
            )
