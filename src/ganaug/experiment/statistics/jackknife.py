"""Finds each image's contribution to a metric that has no `per_image`, by leaving out blocks of images in turn."""

from __future__ import annotations

import numpy as np

from ganaug.core.seeding import numpy_generator
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.clusters import MIN_GROUPS, stratum_weights

BLOCKS = 100
"""Approximate number of blocks: 100 values give their spread within 7%, and each costs a computation of the metric."""


def blocks(strata: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the block of each image, (N,): about BLOCKS random unions of groups of the same stratum.

    Each stratum has at least MIN_GROUPS blocks, if it has enough groups. A group with images in several strata belongs
    to the stratum of its first image. strata, groups: (N,).
    """
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    stratum, block = strata[first], np.empty(len(first), np.int64)
    randomness, used = numpy_generator(0, "jackknife"), 0
    for number in np.unique(stratum):
        members = randomness.permutation(np.flatnonzero(stratum == number))
        share = round(BLOCKS * len(members) / len(first))
        for part in np.array_split(members, min(len(members), max(MIN_GROUPS, share))):
            block[part] = used
            used += 1
    numbers: np.ndarray = block[inverse]
    return numbers


def leave_out_blocks(metric: Metric, predicted: Predicted, strata: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return pseudo-values (N,), equal within a block: the mean over strata of their means is the metric.

    If the metric is a mean over images, a block's value is the mean of its images' values, up to a constant. A block
    that covers a whole stratum cannot be left out, and counts as average. strata: (N,), as in `Metric.strata`. block:
    (N,), block of each image.
    """
    whole, weights = metric(predicted), stratum_weights(strata)
    values = np.full(len(block), whole)
    in_stratum = {stratum: weights[strata == stratum].sum() for stratum in np.unique(strata[strata >= 0])}
    for number in np.unique(block[strata >= 0]):
        left_out = block == number
        touched = np.unique(strata[left_out & (strata >= 0)])
        lost = {stratum: weights[left_out & (strata == stratum)].sum() for stratum in touched}
        share = sum(part**2 / in_stratum[stratum] for stratum, part in lost.items()) / sum(lost.values())
        if any(part > 0.999 * in_stratum[stratum] for stratum, part in lost.items()):
            continue
        kept = ~left_out
        rest = metric(Predicted(predicted.probabilities[kept], predicted.labels[kept], predicted.classes))
        values[left_out] += (whole - rest) * (1 - share) / sum(lost.values())
    centred: np.ndarray = values + whole - weights @ values
    return centred
