"""How far sets of features are from each other: pure functions of float64 arrays, one row an image.

Distances between rows are Euclidean and always SciPy's own differences, block by block. scikit-learn's
NearestNeighbors and torch.cdist subtract lengths from products instead: copies come out up to 1e-6 apart there, and
whether an image lies on the edge of a ball, as copies do, would be chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import numpy as np

TOGETHER = 1000
"""Rows whose distances to all others are in memory at once."""


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """Return the Fréchet distance of two normal distributions with the moments of (N, F) and (M, F), from 0 on.

    |μ₁ − μ₂|² + Tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), covariances with N − 1 (Dowson and Landau, 1982). NaN with fewer than two
    rows. With fewer rows than features covariances are singular, which breaks nothing, but the distance is far above 0
    even for rows of one distribution: compare only what was measured with as many.

    torch-fidelity's takes the eigenvalues of Σ₁ Σ₂, which is not symmetric: the root of their rounding errors is
    1e-4 with 20 rows of 2,048 features, and it takes seconds. Here Σ is RᵀR of a QR decomposition, and the trace of
    the root is the sum of the singular values of R₁R₂ᵀ, exact and as small as the smaller set.
    """
    if min(len(first), len(second)) < 2:
        return nan
    means = first.mean(0), second.mean(0)
    parts = [(one - mean) / np.sqrt(len(one) - 1) for one, mean in zip((first, second), means, strict=True)]
    roots = [np.linalg.qr(part).R for part in parts]
    cross = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    distance = ((means[0] - means[1]) ** 2).sum() + sum((part**2).sum() for part in parts) - 2 * cross
    return max(0.0, float(distance))


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the unbiased squared maximum mean discrepancy of (N, F) and (M, F), kernel (x·y / F + 1)³.

    Bińkowski et al. (2018). Mean 0 for rows of one distribution, whatever their number; so it may be below.
    NaN with fewer than two rows.

    torch-fidelity's draws subsets of equal size at random: the order of rows would count, and a small set beside a
    large one would waste most of it. This is the same estimator over all pairs.
    """
    if min(len(first), len(second)) < 2:
        return nan
    within = 0.0
    for one in (first, second):
        itself = ((one**2).sum(1) / one.shape[1] + 1) ** 3
        within += (_kernel_sum(one, one) - float(itself.sum())) / (len(one) * (len(one) - 1))
    return within - 2 * _kernel_sum(first, second) / (len(first) * len(second))


def nearest(points: np.ndarray, among: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each of `points` (N, F) its distance from the nearest of `among` (M, F), M from 1 on, and which it is.

    Both are (N,), float64 and int64; of equally near ones it is the first.
    """
    places, distances = [np.zeros(0, np.int64)], [np.zeros(0)]
    for block in _distances(points, among):
        places.append(block.argmin(1))
        distances.append(block.min(1))
    return np.concatenate(distances), np.concatenate(places)


def kth_neighbour_distance(points: np.ndarray, neighbours: int) -> np.ndarray:
    """Return for each of `points` (N, F), N above `neighbours`, how far its `neighbours`-th nearest other is, (N,)."""
    # place 0 is the point itself, or a copy of it, which is as far
    return np.concatenate([np.partition(block, neighbours)[:, neighbours] for block in _distances(points, points)])


def spread(points: np.ndarray) -> float:
    """Return the mean distance of two of `points` (N, F), N from 2 on."""
    return sum(float(block.sum()) for block in _distances(points, points)) / (len(points) * (len(points) - 1))


def balls_around(points: np.ndarray, centres: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Return for each of `points` (N, F) how many closed balls around `centres` (M, F) it lies in, (N,) int64."""
    counts = [(block <= radii).sum(1) for block in _distances(points, centres)]
    return np.concatenate([np.zeros(0, np.int64), *counts])


def _distances(points: np.ndarray, others: np.ndarray) -> Iterator[np.ndarray]:
    """Yield distances of some of `points` to all `others`, in order."""
    from scipy.spatial.distance import cdist

    for start in range(0, len(points), TOGETHER):
        yield cdist(points[start : start + TOGETHER], others)


def _kernel_sum(first: np.ndarray, second: np.ndarray) -> float:
    starts = range(0, len(first), TOGETHER)
    products = (first[start : start + TOGETHER] @ second.T for start in starts)
    return sum(float(((product / first.shape[1] + 1) ** 3).sum()) for product in products)
