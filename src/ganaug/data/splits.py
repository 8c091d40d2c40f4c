"""Who goes where: pure functions from labels and groups to sides and draws."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ganaug.core.errors import InputError
from ganaug.core.seeding import numpy_generator

POOL, VAL, TEST, LEFT_OUT = 0, 1, 2, 3
"""The sides of a split: training pool, validation, test; left out are twins of a given test set's images."""


def content_groups(images: np.ndarray) -> np.ndarray:
    """Return (N,) int64: images with the same bytes share a number."""
    digests = [hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest() for image in images]
    _, groups = np.unique(np.array(digests, dtype="S16"), return_inverse=True)
    return groups.astype(np.int64)


def join_groups(*groupings: np.ndarray) -> np.ndarray:
    """Return the finest grouping (N,) that keeps together whatever any of `groupings` (each (N,)) keeps together.

    Groups are numbered in the order of their first images. Two images belong together if a chain of shared groups leads
    from one to the other: duplicates of two patients' images join the two patients.
    """
    size = len(groupings[0])
    nodes = np.arange(size)
    links = []
    for grouping in groupings:
        _, first, inverse = np.unique(grouping, return_index=True, return_inverse=True)
        links.append(first[inverse])
    heads = np.concatenate(links)
    tails = np.tile(nodes, len(groupings))
    graph = coo_array((np.ones(len(heads), dtype=np.int8), (heads, tails)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def take_groups(labels: np.ndarray, groups: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a mask (N,) of whole groups that hold about `wanted[k]` images of each class k.

    Groups come in random order, and each is taken that brings the counts nearer to what is wanted, summed over classes:
    with groups of one image they are exact, with larger ones they may fall short or exceed. To take none that exceeds
    would keep large groups out.
    """
    chosen = np.zeros(len(labels), dtype=bool)
    order = np.argsort(groups, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(labels) else []
    short = wanted.astype(np.int64)
    for index in rng.permutation(len(members)):
        counts = np.bincount(labels[members[index]], minlength=len(wanted))
        if np.abs(short - counts).sum() < np.abs(short).sum():
            chosen[members[index]] = True
            short = short - counts
    return chosen


def split(
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    val: float | int,
    test: float | int | np.ndarray,
    classes: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the side (N,) of each image: POOL, VAL, TEST or LEFT_OUT; a group is never divided.

    labels (N,) in 0 … classes - 1; groups (N,). val and test: a share of each class in (0, 1), or a number of images
    a class from 1 on; test may also be a mask (N,) of a test set that comes with the data: it is kept as it is, and
    images elsewhere that share a group with it are LEFT_OUT.
    """
    sides = np.full(len(labels), POOL)
    if isinstance(test, np.ndarray):
        sides[np.isin(groups, groups[test])] = LEFT_OUT
        sides[test] = TEST
    else:
        sides[take_groups(labels, groups, _wanted(labels, test, classes), rng)] = TEST
    rest = np.flatnonzero(sides == POOL)
    wanted = _wanted(labels[rest] if isinstance(test, np.ndarray) else labels, val, classes)
    sides[rest[take_groups(labels[rest], groups[rest], wanted, rng)]] = VAL
    return sides


def _wanted(labels: np.ndarray, amount: float | int, classes: int) -> np.ndarray:
    if isinstance(amount, int):
        return np.full(classes, amount)
    return np.round(np.bincount(labels, minlength=classes) * amount).astype(np.int64)


def per_class(
    amount: int | str | Mapping[str, int],
    available: Sequence[int],
    classes: Sequence[str],
    parameter: str = "prepare.labelled_per_class",
) -> list[int]:
    """Return how many images of each class to draw.

    amount: one number for every class, "all", or a number for every class name. available: images of each class that
    can be drawn. parameter: what the user knows `amount` by.

    Raises InputError if a class is not named, or has too few images.
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
                f"{parameter}: class '{name}' has {have} images left for training after the split, {want} are asked "
                f"for; ask for at most {have} or write all, make prepare.val or prepare.test smaller, or bring more "
                f"images of '{name}'"
            )
    return wanted


def draw_replicate(labels: np.ndarray, wanted: Sequence[int], seed: int, replicate: int) -> np.ndarray:
    """Return the sorted indices of a replicate's labelled images, `wanted[k]` of each class k, in the pool.

    More wanted images hold the fewer ones.
    """
    return draw(labels, wanted, numpy_generator(seed, f"prepare/draw/{replicate}"))


def draw(labels: np.ndarray, wanted: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """Return sorted indices of `wanted[k]` random images of each class k.

    Draws are nested: with the same generator state, asking for more adds images and takes none away.
    """
    return take_per_class(rng.permutation(len(labels)), labels, wanted)


def take_per_class(order: np.ndarray, labels: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
    """Return sorted indices of the first `wanted[k]` images of each class k in `order`, a permutation (N,) of indices.

    labels: (N,). Asking for more adds images and takes none away.
    """
    chosen = [order[labels[order] == label][:count] for label, count in enumerate(wanted)]
    return np.sort(np.concatenate(chosen))
