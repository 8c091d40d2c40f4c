"""Chooses an arm's share of synthetic images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.experiment.metrics import Metric
from ganaug.experiment.statistics.measured import Measured


class ChosenShare(NamedTuple):
    """An arm's chosen share of synthetic images."""

    share: float
    means: dict[float, float]
    """Share → mean of the metric over replicates and classifiers; empty if there was only one share."""


def choose_share(
    shares: Sequence[float], metric: Metric, trials: Sequence[np.ndarray], val: LabelledImages
) -> ChosenShare:
    """Return the share that is best on validation, or the smallest of them if several tie.

    shares: to choose from. trials: for each replicate, the predictions of `ArmTraining.try_shares` for the images `val`
    with each share; not used if there is only one share.
    """
    means: dict[float, float] = {}
    if len(shares) > 1:
        by_share = zip(shares, np.stack(trials, axis=1), strict=True)
        means = {share: Measured.of(predictions, val).mean(metric) for share, predictions in by_share}
    best = max(shares, key=lambda share: (metric.merit(means[share]), -share)) if means else shares[0]
    return ChosenShare(best, means)
