"""Draws limited training sets from the training pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages


class Draw(NamedTuple):
    """One replicate's limited training set and the rest of the pool, as sorted indices of the pool's images."""

    train: np.ndarray
    unlabelled: np.ndarray


def draw_order(pool: LabelledImages, seed: int, replicate: int) -> np.ndarray:
    """Return the order (N,) in which a replicate draws its training images from the pool."""
    return numpy_generator(seed, f"prepare/draw/{replicate}").permutation(len(pool))


def draw_training(labelled_per_class: int | str | Mapping[str, int], pool: LabelledImages, order: np.ndarray) -> Draw:
    """Draw one replicate's limited training set. Raises InputError if a class has too few images."""
    wanted = per_class(labelled_per_class, list(pool.counts.values()), pool.classes)
    chosen = take_per_class(order, pool.labels, wanted)
    return Draw(chosen, np.setdiff1d(np.arange(len(pool)), chosen))


def per_class(
    amount: int | str | Mapping[str, int],
    available: Sequence[int],
    classes: Sequence[str],
    parameter: str = "prepare.labelled_per_class",
) -> list[int]:
    """Return the number of images to draw from each class.

    amount: one number for all classes, a number for each class name, or "all". available: number of images per class.
    parameter: the parameter that holds `amount`, for error messages.

    Raises InputError if a class name is missing or unknown, or if a class has too few images.
    """
    if amount == "all":
        return list(available)
    if isinstance(amount, Mapping):
        missing, extra = set(classes) - set(amount), set(amount) - set(classes)
        if missing or extra:
            raise InputError(
                f"{parameter}: give a number for each class; missing: {sorted(missing) or 'none'}, "
                f"unknown: {sorted(extra) or 'none'}"
            )
        wanted = [amount[name] for name in classes]
    else:
        wanted = [int(amount)] * len(classes)
    for name, want, have in zip(classes, wanted, available, strict=True):
        if want > have:
            raise InputError(
                f"{parameter}: class '{name}' has {have} images left for training after the split, but {want} are "
                f"requested; request at most {have}, write all, lower prepare.val or prepare.test, or add images of "
                f"'{name}'"
            )
    return wanted


def take_per_class(order: np.ndarray, labels: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
    """Return the sorted indices of the first `wanted[k]` images of each class k in `order`.

    order: a permutation of all images, (N,). labels: (N,). Draws are nested: a larger one contains the smaller.
    """
    chosen = [order[labels[order] == label][:count] for label, count in enumerate(wanted)]
    return np.sort(np.concatenate(chosen))
