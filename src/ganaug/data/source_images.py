"""Which training images are translated into which class."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages

SourceRule = Literal["other", "common", "same"]
"""Classes of the images that are translated into class k: all but k; those with more images than k, the more the
likelier; or k itself."""

BETA = 0.999
"""β of `common`: the larger, the more a class that has many more images is preferred (Kim et al., M2m, 2020, eq. 5)."""


def choose_sources(rule: SourceRule, train: LabelledImages, labels: np.ndarray, seed: int) -> np.ndarray:
    """Return (N,) int64: for each of `labels` (N,), the index in `train` of the image to translate into that class.

    Each class goes through its sources in a random order of its
    own, and starts again when it has used them all. Its sources do not depend on what is asked of other classes, and
    asking for more does not change the first ones.

    Raises InputError if a class has no source.
    """
    chosen = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels).tolist():
        places = np.flatnonzero(labels == label)
        pools = source_pools(rule, train.labels, label)
        if not pools:
            raise InputError(
                f"generate.sources: '{rule}' finds no training image to translate into class "
                f"'{train.classes[label]}'; choose another rule, or a network that starts from noise"
            )
        randomness = numpy_generator(seed, f"sources/{label}")
        orders = [randomness.permutation(pool.indices) for pool in pools]
        picks = randomness.choice(len(pools), len(places), p=[pool.probability for pool in pools])
        for number, order in enumerate(orders):
            own = places[picks == number]
            chosen[own] = order[np.arange(len(own)) % len(order)]
    return chosen


class Pool(NamedTuple):
    """Training images that are equally likely to be translated into a class."""

    indices: np.ndarray
    """(P,) int64, P > 0."""
    probability: float
    """That the source is one of them."""


def source_pools(rule: SourceRule, train_labels: np.ndarray, label: int, beta: float = BETA) -> list[Pool]:
    """Return the training images that `rule` may translate into class `label`; their probabilities sum to 1."""
    own = train_labels == label
    if rule != "common":
        indices = np.flatnonzero(own if rule == "same" else ~own)
        return [Pool(indices, 1.0)] if len(indices) else []
    others = np.unique(train_labels[~own]).tolist()
    by_class = [np.flatnonzero(train_labels == other) for other in others]
    weights = np.array([1 - beta ** max(len(indices) - own.sum(), 0) for indices in by_class])
    if not weights.any():
        weights = np.ones(len(by_class))
    return [
        Pool(indices, weight / weights.sum())
        for indices, weight in zip(by_class, weights.tolist(), strict=True)
        if weight
    ]
