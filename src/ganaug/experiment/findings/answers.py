"""What classifiers answer on the validation images, as findings look at it."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from ganaug.experiment.statistics.confusion import confusion_matrix


class Answers(NamedTuple):
    """The answers of one replicate's S classifiers on N images of K classes."""

    confusion: np.ndarray
    """(K, K) int: rows are true classes, columns answers; summed over classifiers."""
    right: np.ndarray
    """(S, N) bool: which images each classifier gets right."""

    @classmethod
    def of(cls, probabilities: np.ndarray, labels: np.ndarray) -> Self:
        """Return what class probabilities (S, N, K) answer. labels: (N,), in which every class must occur."""
        answers = probabilities.argmax(2)
        return cls(confusion_matrix(labels, answers, probabilities.shape[2]), answers == labels)

    @property
    def images(self) -> np.ndarray:
        """(K,): number of images of each class."""
        counts: np.ndarray = self.confusion.sum(1) / len(self.right)
        return counts

    @property
    def recall(self) -> np.ndarray:
        """(K,): mean over classifiers of each class's recall."""
        recall: np.ndarray = self.confusion.diagonal() / self.confusion.sum(1)
        return recall

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall over classes."""
        return float(self.recall.mean())

    @property
    def classes(self) -> int:
        """Number of classes that are answered at all."""
        return int(np.count_nonzero(self.confusion.sum(0)))
