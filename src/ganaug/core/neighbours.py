"""Exact distances to neighbours among many rows of features, at nearly the speed of a matrix product.

Distances are Euclidean, between arrays of floats or bytes with one row per image. A matrix product estimates the
squared distances of a block of rows to all others, as ‖x‖² + ‖y‖² − 2 x·y in single precision, on the GPU if there is
one. The rounding error has a bound, so the estimates decide nearly all comparisons; for the rest, SciPy computes
the distances from differences in double precision. Estimates alone, as in scikit-learn's NearestNeighbors and
torch.cdist, put exact copies a little apart, and rounding would decide whether a point on the surface of a ball, as
copies are, counts as inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ganaug.core.device import device

BLOCK_ROWS = 250
"""Rows whose distances to all others are held in memory at once."""

SPREAD_ROWS = 1000
"""The same for `spread`, whose sum is rounded after each block: another block size would change the last bits."""

CALL = 20_000
"""Number of differences that SciPy computes in about the time one call takes."""

PRECISION = 2.0**-24
"""The largest relative error of rounding to single precision."""

_shared: frozenset[int] = frozenset()
_results: dict[tuple[Callable[..., Any], frozenset[int], Any], Any] = {}
"""Results, by function, identities of the arrays, and arguments."""


@contextmanager
def remembering(*arrays: np.ndarray) -> Iterator[None]:
    """Within this context, compute the neighbours among these `arrays` only once; none of them may change.

    A nested context also sees the outer context's arrays, and keeps results that involve only those.
    """
    global _shared
    outer, _shared = _shared, _shared | frozenset(map(id, arrays))
    try:
        yield
    finally:
        _shared = outer
        for key in [key for key in _results if not key[1] <= outer]:
            del _results[key]


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Keep the function's results for the arrays given to `remembering`, while that context lasts."""

    @wraps(function)
    def look_up(points: np.ndarray, other: np.ndarray | int) -> Any:
        arrays = [array for array in (points, other) if isinstance(array, np.ndarray)]
        identities = frozenset(map(id, arrays))
        if not identities <= _shared:
            return function(points, other)
        key = function, identities, (id(points), id(other) if len(arrays) == 2 else other)
        if key not in _results:
            _results[key] = function(points, other)
        return _results[key]

    return look_up


@_remembered
def nearest(points: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance from each of `points` (N, F) to its nearest neighbour among `among` (M, F), and its index.

    Both are (N,), float64 and int64; ties go to the first. M must be at least 1.
    """
    distances, indices = np.zeros(len(points)), np.zeros(len(points), np.int64)
    if points is among:  # each is its own nearest neighbour, or a copy of an earlier one
        return distances, _first_equal(points)
    for block in _blocks(points, among):
        candidates = block.estimates <= block.estimates.amin(1, keepdim=True) + 2 * block.errors
        for row, chosen, exact in block.exact(candidates):
            place = exact.argmin()
            distances[row], indices[row] = exact[place], chosen[place]
    return distances, indices


@_remembered
def kth_neighbour_distance(points: np.ndarray, neighbours: int) -> np.ndarray:
    """Return the distance from each of `points` (N, F) to its k-th nearest other point, (N,); k is `neighbours` < N."""
    distances = np.zeros(len(points))
    for block in _blocks(points, points):
        # the smallest distance is that to the point itself, or to a copy
        estimates = block.estimates.topk(neighbours + 1, dim=1, largest=False).values[:, -1:]  # kthvalue copies all
        for row, _, exact in block.exact(block.estimates <= estimates + 2 * block.errors):
            distances[row] = np.partition(exact, neighbours)[neighbours]
    return distances


def balls_containing(points: np.ndarray, centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Return the number of closed balls around `centres` (M, F) that contain each of `points` (N, F).

    radii: (M,). The counts are (N,), int64.
    """
    counts = np.zeros(len(points), np.int64)
    for block in _blocks(points, centres):
        squares = torch.from_numpy(np.square(radii / block.unit)).to(block.estimates)
        excess = block.estimates - squares
        errors = block.errors + 4 * PRECISION * squares
        counts[block.rows] = (excess < -errors).sum(1).cpu().numpy()
        for row, chosen, exact in block.exact(excess.abs() <= errors):
            counts[row] += (exact <= radii[chosen]).sum()
    return counts


def spread(points: np.ndarray) -> float:
    """Return the mean pairwise distance of `points` (N, F); N must be at least 2."""
    from scipy.spatial.distance import cdist

    total = sum(float(cdist(points[rows], points).sum()) for rows in _slices(len(points), SPREAD_ROWS))
    return total / (len(points) * (len(points) - 1))


class _Block(NamedTuple):
    """Estimates of the squared distances from some of the points, B rows, to all M others, in units of `unit`²."""

    rows: slice
    points: np.ndarray
    others: np.ndarray
    estimates: Tensor
    """(B, M), float32."""
    errors: Tensor
    """(B, 1), float32: bound on the error of each row's estimates."""
    unit: float

    def exact(self, pairs: Tensor) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yield each point's index with the indices and the distances of the others that `pairs` (B, M) marks."""
        from scipy.spatial.distance import cdist

        rows, columns = (indices.cpu().numpy() for indices in pairs.nonzero(as_tuple=True))
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        by_row = zip(rows[starts], np.split(columns, starts[1:]), strict=False)
        points = self.points[self.rows]
        if self.others.size < CALL or 2 * len(columns) > pairs.numel():
            # in parts, because SciPy copies them in double precision
            parts = [cdist(points, self.others[rows]) for rows in _slices(len(self.others))]
            distances = np.concatenate(parts, axis=1)
            yield from ((self.rows.start + row, chosen, distances[row, chosen]) for row, chosen in by_row)
        else:
            for row, chosen in by_row:
                yield self.rows.start + row, chosen, cdist(points[row : row + 1], self.others[chosen])[0]


def _blocks(points: np.ndarray, others: np.ndarray) -> Iterator[_Block]:
    """Yield the distances from `points` (N, F) to `others` (M, F), up to BLOCK_ROWS points at a time.

    Each block is valid only until the next.
    """
    if len(points) == 0:
        return
    centre = others.mean(0, dtype=np.float64)
    unit = max(_longest(points, centre), _longest(others, centre)) or 1.0
    right, right_squares = _scaled(others, centre, unit)
    memory = torch.empty(min(BLOCK_ROWS, len(points)), len(others), device=device())  # reused for each block
    for rows in _slices(len(points)):
        left, left_squares = _scaled(points[rows], centre, unit)
        left_squares = left_squares[:, None]
        estimates = torch.addmm(right_squares, left, right.T, alpha=-2, out=memory[: len(left)]).add_(left_squares)
        # a sum of F products is off by at most F roundings of ‖x‖·‖y‖, twice that at most ‖x‖² + ‖y‖²; the squares are
        # sums of F as well, and centring and the three additions round too
        errors = (2 * points.shape[1] + 16) * PRECISION * (left_squares + right_squares.max())
        yield _Block(rows, points, others, estimates, errors, unit)


def _scaled(points: np.ndarray, centre: np.ndarray, unit: float) -> tuple[Tensor, Tensor]:
    """Return `points` (N, F), relative to `centre` (F,) and in units of `unit`, and their squared lengths, (N,).

    Both are float32, on the device. Squares are summed without a temporary array: one per block, freed after a small
    result was allocated behind it, would leave gaps in memory as large as all points together.
    """
    scaled = np.empty(points.shape, np.float32)
    for rows in _slices(len(points)):
        np.divide(points[rows] - centre, unit, out=scaled[rows], casting="same_kind")
    squares = np.einsum("nf,nf->n", scaled, scaled)
    return torch.from_numpy(scaled).to(device()), torch.from_numpy(squares).to(device())


def _slices(count: int, size: int | None = None) -> Iterator[slice]:
    """Yield slices of up to `size` rows that cover `count` rows. size: None for BLOCK_ROWS."""
    size = size or BLOCK_ROWS
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _first_equal(points: np.ndarray) -> np.ndarray:
    """Return the index of the first row equal to each of `points` (N, F), (N,) int64."""
    firsts: dict[bytes, int] = {}
    # digests, because np.unique makes several copies of all rows; -0 equals 0, and -0 + 0 is 0
    digests = (sha256((point + 0.0).tobytes()).digest() for point in points)
    return np.array([firsts.setdefault(digest, index) for index, digest in enumerate(digests)], dtype=np.int64)


def _longest(rows: np.ndarray, centre: np.ndarray) -> float:
    """Return the largest distance of `rows` (N, F) from `centre` (F,)."""
    return max(float(np.linalg.norm(rows[block] - centre, axis=1).max()) for block in _slices(len(rows)))
