"""Finds images that are nearly the same: shots of one object, other exposures, other encodings.

A random split puts some of them in different splits, and the test then measures memorisation. Two images are
near-duplicates if their grey values, with mean and contrast removed, correlate at SIMILAR or above. On digits, MNIST,
Fashion-MNIST and photographs of hand signs, which have no near-duplicates except exact copies, no image has a partner
at that level.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ganaug.core.rows import Rows, chunks

SIMILAR = 0.99
"""Smallest correlation of near-duplicates, at up to DETAIL pixels in height and width."""

SCREENED, COARSE, DETAIL = 0.97, 8, 32
"""Pairs are first screened at COARSE pixels, where a correlation of SCREENED is enough."""

BLOCK = 2048
"""Number of images on each side of a matrix product."""


class NearDuplicates(NamedTuple):
    """Pairs of near-duplicates, closest first. numbers: image numbers, int64 (P, 2). similarity: correlations (P,)."""

    numbers: np.ndarray
    similarity: np.ndarray

    def __len__(self) -> int:
        return len(self.similarity)


def near_duplicates(images: Rows, splits: np.ndarray | None = None) -> NearDuplicates:
    """Return the pairs of near-duplicates among images (N, C, H, W).

    splits: integers (N,); only pairs from two different splits are returned, and images with a negative number are left
    out. None: all pairs. Neither all images nor anything that grows with the square of their number is held in memory.
    """
    coarse = np.concatenate([_normalised(chunk, COARSE) for chunk in chunks(images)])
    confirmed: list[tuple[np.ndarray, np.ndarray]] = []
    for first, second in _pairs_of_sets(len(images), splits):
        for i, j in _screened(coarse, first, second):
            if len(i):
                confirmed.append(_confirmed(images, i, j))
    if not confirmed:
        return NearDuplicates(np.empty((0, 2), np.int64), np.empty(0))
    numbers, similarity = (np.concatenate(parts) for parts in zip(*confirmed, strict=True))
    order = np.lexsort((*numbers.T[::-1], -similarity))
    return NearDuplicates(numbers[order], similarity[order])


def _pairs_of_sets(count: int, splits: np.ndarray | None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield pairs of sets, as image numbers, that are compared with each other."""
    if splits is None:
        everything = np.arange(count)
        yield everything, everything
        return
    present = [split for split in np.unique(splits) if split >= 0]
    for index, first in enumerate(present):
        for second in present[:index]:
            yield np.flatnonzero(splits == first), np.flatnonzero(splits == second)


def _screened(coarse: np.ndarray, first: np.ndarray, second: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield numbers (P,), (P,) of pairs that are similar at COARSE pixels; within one set, yield each pair once."""
    for start in range(0, len(first), BLOCK):
        rows = first[start : start + BLOCK]
        for begin in range(0, len(second), BLOCK):
            columns = second[begin : begin + BLOCK]
            similar = coarse[rows] @ coarse[columns].T >= SCREENED
            i, j = np.divmod(np.flatnonzero(similar), len(columns))  # faster than np.nonzero in two dimensions
            i, j = rows[i], columns[j]
            kept = i < j if first is second else np.full(len(i), True)
            yield i[kept], j[kept]


def _confirmed(images: Rows, i: np.ndarray, j: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs (P, 2) that are similar at DETAIL pixels, and their similarities (P,)."""
    numbers, places = np.unique(np.concatenate([i, j]), return_inverse=True)
    thumbnails = _normalised(images[numbers], DETAIL)  # each image once: many are in several pairs
    columns, similarity = places.reshape(2, -1), np.empty(len(i))
    for start in range(0, len(i), BLOCK):
        first, second = (thumbnails[column[start : start + BLOCK]] for column in columns)
        similarity[start : start + BLOCK] = (first * second).sum(axis=1)
    kept = similarity >= SIMILAR
    return np.stack([i, j], axis=1)[kept], similarity[kept]


def _normalised(images: np.ndarray, side: int) -> np.ndarray:
    """Return grey thumbnails of mean 0 and length 1, float32 (N, at most side²); zeros for a flat image."""
    channels = {2: 1, 4: 3}.get(images.shape[1], images.shape[1])  # without opacity
    grey = images[:, :channels].mean(axis=1, dtype=np.float32)
    if images.dtype.kind == "f":
        grey = np.nan_to_num(grey)  # padding
    small = _averaging(grey.shape[1], side) @ grey @ _averaging(grey.shape[2], side).T
    flat = small.reshape(len(small), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.divide(flat, length, out=np.zeros_like(flat), where=length > 1e-3)


def _averaging(length: int, side: int) -> np.ndarray:
    """Return the matrix (at most side, length) that averages neighbouring pixels."""
    side = min(side, length)
    matrix = np.zeros((side, length), np.float32)
    for row in range(side):
        begin, end = row * length // side, -(-(row + 1) * length // side)
        matrix[row, begin:end] = 1 / (end - begin)
    return matrix
