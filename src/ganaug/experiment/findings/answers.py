"""Classifiers' answers on labelled images, summarised for findings."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from ganaug.experiment.statistics.confusion import confusion_matrix


class Answers(NamedTuple):
    """Answers of one replicate's S classifiers on N images of K classes. An answer is the most probable class."""

    confusion: np.ndarray
    """(K, K) int: rows are true classes, columns are answers; summed over classifiers."""
    right: np.ndarray
    """(S, N) bool: images that each classifier gets right."""

    @classmethod
    def of(cls, probabilities: np.ndarray, labels: np.ndarray) -> Self:
        """Return the answers from class probabilities (S, N, K). labels: (N,), in which every class must occur."""
        answers = probabilities.argmax(2)
        return cls(confusion_matrix(labels, answers, probabilities.shape[2]), answers == labels)

    @property
    def images(self) -> np.ndarray:
        """(K,): number of images of each class."""
        counts: np.ndarray = self.confusion.sum(1) / len(self.right)
        return counts

    @property
    def recall(self) -> np.ndarray:
        """(K,): each class's recall, averaged over classifiers."""
        recall: np.ndarray = self.confusion.diagonal() / self.confusion.sum(1)
        return recall

    @property
    def balanced_accuracy(self) -> float:
        """Mean recall over classes."""
        return float(self.recall.mean())

    @property
    def classes(self) -> int:
        """Number of classes that are predicted at all."""
        return int(np.count_nonzero(self.confusion.sum(0)))
