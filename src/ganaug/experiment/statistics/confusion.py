"""Counts how often each class is predicted as each other."""

from __future__ import annotations

import numpy as np


def confusion_matrix(labels: np.ndarray, choices: np.ndarray, classes: int) -> np.ndarray:
    """Return numbers of images, (K, K) int: rows are true classes, columns predicted classes.

    labels: (N,). choices: (…, N), predicted classes of any number of classifiers; counts are summed over them.
    """
    cells = labels * classes + choices
    counts: np.ndarray = np.bincount(cells.ravel(), minlength=classes**2).reshape(classes, classes)
    return counts
