"""Figures of one classifier on one labelled set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Scores(NamedTuple):
    """How good predictions are; all shares are in [0, 1]."""

    accuracy: float
    balanced_accuracy: float
    """Mean of the classes' recalls."""
    macro_f1: float
    """Mean of the classes' F1; a class that is never predicted counts 0."""
    recall: np.ndarray
    """(K,): share of each class that is found."""
    confusion: np.ndarray
    """(K, K) int: rows are true classes, columns predicted ones."""
    right: np.ndarray
    """(N,) bool: which images."""


def score(probabilities: np.ndarray, labels: np.ndarray) -> Scores:
    """Score probabilities (N, K) against labels (N,); every class occurs among the labels."""
    from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

    predicted = probabilities.argmax(1)
    classes = np.arange(probabilities.shape[1])
    confusion = confusion_matrix(labels, predicted, labels=classes)
    return Scores(
        accuracy=float(accuracy_score(labels, predicted)),
        balanced_accuracy=balanced_accuracy(predicted, labels),
        macro_f1=float(f1_score(labels, predicted, labels=classes, average="macro", zero_division=0)),
        recall=confusion.diagonal() / confusion.sum(1),
        confusion=confusion,
        right=predicted == labels,
    )


def balanced_accuracy(predicted: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean recall of the classes that occur among `labels`; both are (N,).

    Written out because scikit-learn's, which it equals, costs a second of imports in every training process.
    """
    right = np.bincount(labels, weights=predicted == labels)
    total = np.bincount(labels)
    return float((right[total > 0] / total[total > 0]).mean())
