"""Distances between sets of features: pure functions of float arrays with one row per image."""

from __future__ import annotations

from math import nan
from typing import NamedTuple

import numpy as np

BLOCK_ROWS = 1000
"""Rows whose products with all others are held in memory at once."""


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
    one, other = _fitted(first), _fitted(second)
    cross = np.linalg.svd(one.root @ other.root.T, compute_uv=False).sum()
    distance = ((one.mean - other.mean) ** 2).sum() + (one.variance + other.variance) - 2 * cross
    return max(0.0, float(distance))


class _Normal(NamedTuple):
    """A normal distribution."""

    mean: np.ndarray
    """(F,)."""
    root: np.ndarray
    """R, (min(N, F), F): the covariance is RᵀR."""
    variance: float
    """Trace of the covariance."""


def _fitted(rows: np.ndarray) -> _Normal:
    """Return the normal distribution fitted to `rows` (N, F); N must be at least 2."""
    mean = rows.mean(0, dtype=np.float64)
    centred: np.ndarray = rows - mean
    centred /= np.sqrt(len(rows) - 1)
    root = np.linalg.qr(centred).R
    return _Normal(mean, root, float(np.square(centred, out=centred).sum()))


def squared_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """Return the unbiased squared maximum mean discrepancy of (N, F) and (M, F) with the kernel (x·y / F + 1)³.

    Bińkowski et al. (2018). Its mean is 0 for samples of one distribution, whatever their size, so it can be negative.
    NaN with fewer than two rows.

    torch-fidelity draws random subsets of equal size: the result would depend on the order of rows, and most of the
    larger set would go unused. This is the same estimator over all pairs.
    """
    if min(len(first), len(second)) < 2:
        return nan
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    within = 0.0
    for rows in (first, second):
        diagonal = ((rows**2).sum(1) / rows.shape[1] + 1) ** 3
        within += (_kernel_sum(rows, rows) - float(diagonal.sum())) / (len(rows) * (len(rows) - 1))
    return within - 2 * _kernel_sum(first, second) / (len(first) * len(second))


def _kernel_sum(first: np.ndarray, second: np.ndarray) -> float:
    """Return the sum of the kernel (x·y / F + 1)³ over all pairs of rows of (N, F) and (M, F)."""
    total = 0.0
    for start in range(0, len(first), BLOCK_ROWS):
        base = first[start : start + BLOCK_ROWS] @ second.T
        base /= first.shape[1]
        base += 1
        total += float(np.vdot(base * base, base))  # a power takes several times as long
    return total
