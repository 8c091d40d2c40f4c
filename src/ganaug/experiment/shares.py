"""The choice of an arm's share of synthetic images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.experiment.measured import Measured
from ganaug.experiment.metrics import Metric


def choose_share(
    shares: Sequence[float], metric: Metric, trials: Sequence[np.ndarray], val: LabelledImages
) -> dict[str, Any]:
    """Return the share that is best on validation, the smallest if there is a tie.

    shares: to choose from. trials: for each replicate, what `ArmTraining.try_shares` predicted with them for the images
    `val`; not read if there is one share only. The choice is `synthetic`; `val_<metric>` has each share's mean over
    replicates and classifiers.
    """
    means: dict[float, float] = {}
    if len(shares) > 1:
        by_share = zip(shares, np.stack(trials, axis=1), strict=True)
        means = {share: Measured.of(predictions, val).mean(metric) for share, predictions in by_share}
    best = max(shares, key=lambda share: (metric.merit(means[share]), -share)) if means else shares[0]
    return {"synthetic": best, f"val_{metric.key}": {str(share): round(mean, 6) for share, mean in means.items()}}
