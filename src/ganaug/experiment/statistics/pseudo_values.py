"""Turns each image's influence on a metric into pseudo-values, whose mean is the metric."""

from __future__ import annotations

import numpy as np

from ganaug.experiment.statistics.clusters import stratum_weights


def pseudo_values(value: float, influence: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Return pseudo-values (N,); the mean over strata of their means is `value`.

    influence: (N,), sums to 0: N times the derivative of the metric with respect to an image's weight, where all
    weights are 1 and only their proportions matter. Without image i, the metric is about `value` - influence[i] / N.
    This is the infinitesimal jackknife (Jaeckel, 1972), or linearisation (Deville, Variance estimation for complex
    statistics and estimators, 1999). strata: (N,), all at least 0.
    """
    pseudo: np.ndarray = value + influence / (len(strata) * stratum_weights(strata))
    return pseudo
