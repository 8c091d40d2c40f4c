"""Whether classifiers have learned anything: their balanced accuracy against chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from ganaug.classifier.scores import Scores

NOISE = 1.645
"""Standard errors that a figure must be away from another to count as different: one-sided, with 95% confidence."""


def mean_balanced_accuracy(replicates: Sequence[Scores]) -> float:
    """Return the mean over replicates."""
    return float(np.mean([scores.balanced_accuracy for scores in replicates]))


def images_per_class(scores: Scores) -> np.ndarray:
    """Return how many images there are of each class, (K,)."""
    counts: np.ndarray = scores.confusion.sum(1) / len(scores.right)
    return counts


def predicted_classes(scores: Scores) -> int:
    """Return the number of classes that are predicted at all."""
    return int(np.count_nonzero(scores.confusion.sum(0)))


def learned_nothing(replicates: Sequence[Scores]) -> bool:
    """Return whether classifiers are at chance, or predict a single class in at least half of the replicates."""
    return at_chance(replicates) or 2 * single_class(replicates) >= len(replicates)


def single_class(replicates: Sequence[Scores]) -> int:
    """Return the number of replicates in which a single class is predicted."""
    return sum(predicted_classes(scores) == 1 for scores in replicates)


def at_chance(replicates: Sequence[Scores]) -> bool:
    """Return whether classifiers are no better than their predictions in random order would be.

    replicates: scores on the same labelled images. Whatever the order, the mean over classes of their recalls is then
    1/K on average; and a class's recall is a mean over its n images, each right with the probability p that its class
    is predicted: its variance is p(1 - p)/n. Replicates count as independent. If so few images could not even tell
    from chance what is halfway between chance and perfect, the answer is no, unless the figure is exactly chance.
    """
    predicted = np.array([scores.confusion.sum(0) / scores.confusion.sum() for scores in replicates])
    images = images_per_class(replicates[0])
    classes = len(images)
    error = sqrt(float((predicted * (1 - predicted) / images).sum(1).mean()) / len(replicates)) / classes
    highest = 1 / classes + NOISE * error
    return mean_balanced_accuracy(replicates) <= highest + 1e-9 and highest <= (1 + 1 / classes) / 2
