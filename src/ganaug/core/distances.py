"""Distances between sets of features: pure functions of float64 arrays with one row per image.

Distances between rows are Euclidean, computed by SciPy from differences, block by block. scikit-learn's
NearestNeighbors and torch.cdist expand the square into norms and products instead: exact copies then come out up to
1e-6 apart, and rounding would decide whether a point on the surface of a ball, as copies are, counts as inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np

BLOCK_ROWS = 1000
"""Rows whose distances to all others are held in memory at once."""


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Fréchet distance, at least 0, between normal distributions fitted to (N, F) and (M, F).

    |μ₁ − μ₂|² + Tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), with covariances normalised by N − 1 (Dowson and Landau, 1982). NaN with
    fewer than two rows. Fewer rows than features, hence singular covariances, are fine, but the distance is then far
    above 0 even between samples of one distribution: compare only distances between samples of equal size.

    torch-fidelity takes the eigenvalues of Σ₁ Σ₂, which is not symmetric: the root of their rounding errors is
    1e-4 with 20 rows of 2,048 features, and it takes seconds. Here Σ is RᵀR from a QR decomposition, and the trace of
    the root is the sum of the singular values of R₁R₂ᵀ: accurate, and of a matrix no larger than min(N, F) × min(M, F).
    """
    if min(len(first), len(second)) < 2:
        return nan
    means = first.mean(0), second.mean(0)
    centred = [(rows - mean) / np.sqrt(len(rows) - 1) for rows, mean in zip((first, second), means, strict=True)]
    roots = [np.linalg.qr(rows).R for rows in centred]
    cross = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    distance = ((means[0] - means[1]) ** 2).sum() + sum((rows**2).sum() for rows in centred) - 2 * cross
    return max(0.0, float(distance))


def squared_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """Return the unbiased squared maximum mean discrepancy of (N, F) and (M, F) with the kernel (x·y / F + 1)³.

    Bińkowski et al. (2018). Its mean is 0 for samples of one distribution, whatever their size, so it can be negative.
    NaN with fewer than two rows.

    torch-fidelity draws random subsets of equal size: the result would depend on the order of rows, and most of the
    larger set would go unused. This is the same estimator over all pairs.
    """
    if min(len(first), len(second)) < 2:
        return nan
    within = 0.0
    for rows in (first, second):
        diagonal = ((rows**2).sum(1) / rows.shape[1] + 1) ** 3
        within += (_kernel_sum(rows, rows) - float(diagonal.sum())) / (len(rows) * (len(rows) - 1))
    return within - 2 * _kernel_sum(first, second) / (len(first) * len(second))


def nearest(points: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance from each of `points` (N, F) to its nearest neighbour among `among` (M, F), and its index.

    Both are (N,), float64 and int64; ties go to the first. M must be at least 1.
    """
    indices, distances = [np.zeros(0, np.int64)], [np.zeros(0)]
    for block in _distances(points, among):
        indices.append(block.argmin(1))
        distances.append(block.min(1))
    return np.concatenate(distances), np.concatenate(indices)


def kth_neighbour_distance(points: np.ndarray, neighbours: int) -> np.ndarray:
    """Return the distance from each of `points` (N, F) to its k-th nearest other point, (N,); k is `neighbours` < N."""
    # index 0 is the point itself, or a copy at the same distance
    return np.concatenate([np.partition(block, neighbours)[:, neighbours] for block in _distances(points, points)])


def spread(points: np.ndarray) -> float:
    """Return the mean distance between two of `points` (N, F); N must be at least 2."""
    return sum(float(block.sum()) for block in _distances(points, points)) / (len(points) * (len(points) - 1))


def balls_containing(points: np.ndarray, centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Return for each of `points` (N, F) the number of closed balls around `centres` (M, F) that contain it.

    radii: (M,). The counts are (N,), int64.
    """
    counts = [(block <= radii).sum(1) for block in _distances(points, centres)]
    return np.concatenate([np.zeros(0, np.int64), *counts])


def _distances(points: np.ndarray, others: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the distances from `points` (N, F) to `others` (M, F) in blocks of rows (up to BLOCK_ROWS, M)."""
    from scipy.spatial.distance import cdist

    for start in range(0, len(points), BLOCK_ROWS):
        yield cdist(points[start : start + BLOCK_ROWS], others)


def _kernel_sum(first: np.ndarray, second: np.ndarray) -> float:
    """Return the sum of the kernel (x·y / F + 1)³ over all pairs of rows of (N, F) and (M, F)."""
    starts = range(0, len(first), BLOCK_ROWS)
    products = (first[start : start + BLOCK_ROWS] @ second.T for start in starts)
    return sum(float(((product / first.shape[1] + 1) ** 3).sum()) for product in products)
