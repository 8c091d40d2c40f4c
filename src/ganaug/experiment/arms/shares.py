"""The choice of an arm's share of synthetic images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.experiment.metrics import Metric
from ganaug.experiment.statistics.measured import Measured


class ChosenShare(NamedTuple):
    """An arm's share of synthetic images."""

    share: float
    means: dict[float, float]
    """The mean of the metric over replicates and classifiers with each share; empty if there was one only."""


def choose_share(
    shares: Sequence[float], metric: Metric, trials: Sequence[np.ndarray], val: LabelledImages
) -> ChosenShare:
    """Return the share that is best on validation, the smallest if there is a tie.

    shares: to choose from. trials: for each replicate, what `ArmTraining.try_shares` predicted with them for the images
    `val`; not read if there is one share only.
    """
    means: dict[float, float] = {}
    if len(shares) > 1:
        by_share = zip(shares, np.stack(trials, axis=1), strict=True)
        means = {share: Measured.of(predictions, val).mean(metric) for share, predictions in by_share}
    best = max(shares, key=lambda share: (metric.merit(means[share]), -share)) if means else shares[0]
    return ChosenShare(best, means)
