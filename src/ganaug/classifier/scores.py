"""Figures of classifiers on one labelled set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Scores(NamedTuple):
    """How good predictions are, on average over classifiers; all shares are in [0, 1]."""

    accuracy: float
    balanced_accuracy: float
    """Mean of the classes' recalls."""
    macro_f1: float
    """Mean of the classes' F1; a class that is never predicted counts 0."""
    recall: np.ndarray
    """(K,): share of each class that is found."""
    confusion: np.ndarray
    """(K, K) int: rows are true classes, columns predicted ones; the sum over classifiers."""
    right: np.ndarray
    """(S, N) bool: which images each of the classifiers gets right."""


def score(probabilities: np.ndarray, labels: np.ndarray) -> Scores:
    """Score probabilities (S, N, K) of S classifiers against labels (N,); every class occurs among the labels."""
    from sklearn.metrics import confusion_matrix, f1_score

    predictions = probabilities.argmax(2)
    classes = np.arange(probabilities.shape[2])
    confusion = np.sum([confusion_matrix(labels, predicted, labels=classes) for predicted in predictions], axis=0)
    f1 = [f1_score(labels, predicted, labels=classes, average="macro", zero_division=0) for predicted in predictions]
    right = predictions == labels
    return Scores(
        accuracy=float(right.mean()),
        balanced_accuracy=float(np.mean([balanced_accuracy(predicted, labels) for predicted in predictions])),
        macro_f1=float(np.mean(f1)),
        recall=confusion.diagonal() / confusion.sum(1),
        confusion=confusion,
        right=right,
    )


def balanced_accuracy(predicted: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean recall of the classes that occur among `labels`; both are (N,).

    Written out because scikit-learn's, which it equals, costs a second of imports in every training process.
    """
    right = np.bincount(labels, weights=predicted == labels)
    total = np.bincount(labels)
    return float((right[total > 0] / total[total > 0]).mean())


def comparable_mean(figures: Sequence[float]) -> float:
    """Return the mean, so far rounded that equal ones are equal: the last digit of a sum is no reason to choose."""
    return round(float(np.mean(figures)), 9)
