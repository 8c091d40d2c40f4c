"""Accuracy figures of classifiers on one labelled set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Scores(NamedTuple):
    """Scores of predictions, averaged over classifiers unless stated otherwise; all fractions are in [0, 1]."""

    accuracy: float
    balanced_accuracy: float
    """Mean recall over classes."""
    macro_f1: float
    """Mean F1 over classes; 0 for a class that is never predicted."""
    recall: np.ndarray
    """(K,): recall of each class."""
    confusion: np.ndarray
    """(K, K) int: rows are true classes, columns predicted ones; summed over classifiers."""
    right: np.ndarray
    """(S, N) bool: which images each classifier gets right."""


def score(probabilities: np.ndarray, labels: np.ndarray) -> Scores:
    """Score probabilities (S, N, K) of S classifiers against labels (N,), in which every class must occur."""
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

    Equal to scikit-learn's `balanced_accuracy_score`, whose import would cost every training process a second.
    """
    right = np.bincount(labels, weights=predicted == labels)
    total = np.bincount(labels)
    return float((right[total > 0] / total[total > 0]).mean())


def comparable_mean(figures: Sequence[float]) -> float:
    """Return the mean, rounded to 9 decimals, so that the order of summation cannot make equal means differ."""
    return round(float(np.mean(figures)), 9)
