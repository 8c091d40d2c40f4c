"""Assigns images to the training pool, validation or test, by pure functions of labels and groups.

Groups (one patient's images, exact copies) are never divided between splits.
"""

from __future__ import annotations

import hashlib

import numpy as np

from ganaug.core.rows import Rows, chunks
from ganaug.data.images import UNLABELLED

POOL, VAL, TEST, LEFT_OUT, OTHER_DOMAIN = 0, 1, 2, 3, 4
"""Training pool, validation, test, images left out because their group is in a test or validation set, and images of
another domain."""


def content_groups(images: Rows) -> np.ndarray:
    """Return the group numbers, (N,) int64, of `images` (N, …); identical images share a number."""
    digests = [hashlib.blake2b(image.data, digest_size=16).digest() for chunk in chunks(images) for image in chunk]
    _, groups = np.unique(np.array(digests, dtype="S16"), return_inverse=True)
    return groups.astype(np.int64)


def join_groups(*groupings: np.ndarray) -> np.ndarray:
    """Return the finest grouping, (N,) int64, in which images that share a group in any of `groupings` share a group.

    Each grouping is (N,). Sharing is transitive: if two patients have an image in common, all images of both form one
    group. Groups are numbered in order of first appearance.
    """
    links = []
    for grouping in groupings:
        _, first, inverse = np.unique(grouping, return_index=True, return_inverse=True)
        links.append(np.stack([first[inverse], np.arange(len(grouping))], axis=1))
    return connected(len(groupings[0]), np.concatenate(links))


def connected(count: int, pairs: np.ndarray) -> np.ndarray:
    """Return the groups, (N,) int64, of the numbers 0 … count - 1 that `pairs` (P, 2) link, directly or indirectly."""
    from scipy.sparse import coo_array  # late: the summary imports this module, but needs no SciPy
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def take_groups(labels: np.ndarray, groups: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a mask (N,) of whole groups that contain about `wanted[k]` images of each class k.

    Visits groups in random order and takes each one that brings the counts closer to `wanted`, summed over classes.
    Counts are exact if every group is a single image; with larger groups they may be too low or too high. An upper
    limit would exclude large groups.
    """
    chosen = np.zeros(len(labels), dtype=bool)
    order = np.argsort(groups, kind="stable")
    by_group = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(labels) else []
    missing = wanted.astype(np.int64)
    for index in rng.permutation(len(by_group)):
        counts = np.bincount(labels[by_group[index]], minlength=len(wanted))
        if np.abs(missing - counts).sum() < np.abs(missing).sum():
            chosen[by_group[index]] = True
            missing = missing - counts
    return chosen


def split(
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    val: float | int | np.ndarray,
    test: float | int | np.ndarray,
    classes: int,
    rng: np.random.Generator,
    other_domain: np.ndarray | None = None,
) -> np.ndarray:
    """Assign each image to POOL, VAL, TEST, LEFT_OUT or OTHER_DOMAIN, (N,); a group is never divided.

    labels: (N,), in 0 … classes - 1, or UNLABELLED for images that can only be in the pool. groups: (N,). val, test: a
    share of each class in (0, 1), or a number of images per class, at least 1; or a mask (N,) of the data's own set.
    other_domain: a mask (N,) of images of another domain, whose labels do not matter. None: there are none.

    These images are LEFT_OUT: training and validation images that share a group with the data's own test set; training
    images that share a group with the data's own validation set; unlabelled images, and images of another domain, that
    share a group with any validation or test set.
    """
    assigned = np.full(len(labels), POOL)
    other = np.zeros(len(labels), dtype=bool) if other_domain is None else other_domain
    labelled = (labels != UNLABELLED) & ~other
    for part, wanted in ((VAL, val), (TEST, test)):  # in this order: a group in both stays in the test set
        if isinstance(wanted, np.ndarray):
            assigned[np.isin(groups, groups[wanted])] = LEFT_OUT
            assigned[wanted] = part
    has_own_set = (assigned != POOL).any()
    for part, wanted in ((TEST, test), (VAL, val)):
        if not isinstance(wanted, np.ndarray):
            rest = np.flatnonzero((assigned == POOL) & labelled)
            counted = labels[rest] if has_own_set else labels[labelled]
            chosen = take_groups(labels[rest], groups[rest], _wanted(counted, wanted, classes), rng)
            assigned[rest[chosen]] = part
    held_out = np.isin(groups, groups[(assigned == VAL) | (assigned == TEST)])
    assigned[~labelled & held_out] = LEFT_OUT
    assigned[other & (assigned == POOL)] = OTHER_DOMAIN
    return assigned


def _wanted(labels: np.ndarray, amount: float | int, classes: int) -> np.ndarray:
    """Return the number of images per class, (classes,), for a share or a number per class."""
    if isinstance(amount, int):
        return np.full(classes, amount)
    return np.round(np.bincount(labels, minlength=classes) * amount).astype(np.int64)
