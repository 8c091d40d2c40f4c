"""Decides whether classifiers have learned anything, by comparing balanced accuracy with chance."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from ganaug.experiment.findings.answers import Answers

NOISE = 1.645
"""Number of standard errors by which figures must differ to count as different: one-sided, with 95% confidence."""


def mean_balanced_accuracy(replicates: Sequence[Answers]) -> float:
    """Return the balanced accuracy, averaged over replicates."""
    return float(np.mean([answers.balanced_accuracy for answers in replicates]))


def learned_nothing(replicates: Sequence[Answers]) -> bool:
    """Return whether classifiers are at chance, or predict only one class in at least half of the replicates."""
    return at_chance(replicates) or 2 * single_class(replicates) >= len(replicates)


def single_class(replicates: Sequence[Answers]) -> int:
    """Return the number of replicates in which only one class is predicted."""
    return sum(answers.classes == 1 for answers in replicates)


def at_chance(replicates: Sequence[Answers]) -> bool:
    """Return whether classifiers are no better than their predictions would be in random order.

    replicates: answers on the same images. In random order, the mean recall over K classes is 1/K on average, and a
    class's recall is a mean over its n images, each right with the probability p that its class is predicted, so its
    variance is p(1 - p)/n. Replicates count as independent. If there are too few images to distinguish even a
    classifier halfway between chance and perfect from chance, the answer is False, unless the figure is exactly chance.
    """
    predicted = np.array([answers.confusion.sum(0) / answers.confusion.sum() for answers in replicates])
    images = replicates[0].images
    classes = len(images)
    error = sqrt(float((predicted * (1 - predicted) / images).sum(1).mean()) / len(replicates)) / classes
    highest = 1 / classes + NOISE * error
    return mean_balanced_accuracy(replicates) <= highest + 1e-9 and highest <= (1 + 1 / classes) / 2
