"""Which class is taken for which."""

from __future__ import annotations

import numpy as np


def confusion_matrix(labels: np.ndarray, choices: np.ndarray, classes: int) -> np.ndarray:
    """Return the number of images, (K, K) int: rows are true classes, columns the chosen ones.

    labels: (N,). choices: (…, N), of any number of classifiers, over which counts are summed.
    """
    cells = labels * classes + choices
    counts: np.ndarray = np.bincount(cells.ravel(), minlength=classes**2).reshape(classes, classes)
    return counts
