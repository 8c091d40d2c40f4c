"""How much each image contributes to a metric that does not say so itself: blocks of images are left out in turn."""

from __future__ import annotations

import numpy as np

from ganaug.core.seeding import numpy_generator
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.clusters import MIN_GROUPS, stratum_weights

BLOCKS = 100
"""Number of blocks, about: the spread of 100 values is known within 7%, and each costs a computation of the metric."""


def blocks(strata: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the block of each image, (N,): about BLOCKS random unions of groups of the same stratum.

    Each stratum has at least MIN_GROUPS blocks, if it has as many groups. A group with images of several strata belongs
    to that of its first image. strata, groups: (N,).
    """
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    stratum, block = strata[first], np.empty(len(first), np.int64)
    randomness, used = numpy_generator(0, "jackknife"), 0
    for one in np.unique(stratum):
        own = randomness.permutation(np.flatnonzero(stratum == one))
        share = round(BLOCKS * len(own) / len(first))
        for part in np.array_split(own, min(len(own), max(MIN_GROUPS, share))):
            block[part] = used
            used += 1
    numbers: np.ndarray = block[inverse]
    return numbers


def leave_out_blocks(metric: Metric, predicted: Predicted, strata: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return pseudo-values (N,), the same within a block: the mean over strata of the strata's means is the metric.

    For a metric that is a mean over images, a block's value is the mean of its images', up to a constant. A block that
    is all of a stratum cannot be left out, and counts as average. strata: (N,), as in `Metric.strata`. block: (N,).
    """
    whole, weights = metric(predicted), stratum_weights(strata)
    values = np.full(len(block), whole)
    in_stratum = {one: weights[strata == one].sum() for one in np.unique(strata[strata >= 0])}
    for one in np.unique(block[strata >= 0]):
        own = block == one
        lost = {each: weights[own & (strata == each)].sum() for each in np.unique(strata[own & (strata >= 0)])}
        share = sum(part**2 / in_stratum[each] for each, part in lost.items()) / sum(lost.values())
        if any(part > 0.999 * in_stratum[each] for each, part in lost.items()):
            continue
        rest = metric(Predicted(predicted.probabilities[~own], predicted.labels[~own], predicted.classes))
        values[own] += (whole - rest) * (1 - share) / sum(lost.values())
    centred: np.ndarray = values + whole - weights @ values
    return centred
