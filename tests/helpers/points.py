"""Small sets of features, for tests of distances and metrics."""

import numpy as np


def column(*values: float) -> np.ndarray:
    """Return features of one number each."""
    return np.array(values, dtype=float)[:, None]


def normal(count: int, width: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, width))
