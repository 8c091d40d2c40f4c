"""Estimates the gain of one arm over another in any metric."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ganaug.experiment.metrics import Metric
from ganaug.experiment.statistics.clusters import stratum_weights
from ganaug.experiment.statistics.estimate import Estimate, estimate_gain
from ganaug.experiment.statistics.jackknife import blocks, leave_out_blocks
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.summary.types import EndsPart, IntervalPart


class PerImage(NamedTuple):
    """A metric's values for single images, without the images that the metric ignores."""

    values: np.ndarray
    """(R, S, n): for each classifier, the mean over strata of the values' means is the metric."""
    strata: np.ndarray
    """(n,): stratum of each image."""
    groups: np.ndarray
    """(n,): images with the same number are one observation."""
    choices: np.ndarray
    """(R, S, n): predicted class of each image."""


def per_image(metric: Metric, measured: Measured) -> PerImage:
    """Return a metric's values for single images."""
    strata, groups = metric.strata(measured.labels, measured.classes), measured.groups
    values = [[metric.per_image(predicted) for predicted in replicate] for replicate in measured.predicted]
    if values[0][0] is None:
        groups = blocks(strata, groups)
        values = [
            [leave_out_blocks(metric, predicted, strata, groups) for predicted in replicate]
            for replicate in measured.predicted
        ]
    counted = slice(None) if strata.min() >= 0 else strata >= 0
    return PerImage(np.array(values)[..., counted], strata[counted], groups[counted], measured.choices[..., counted])


def estimate_metric_gain(metric: Metric, arm: PerImage, reference: PerImage, *, overlap: float = 0.0) -> Estimate:
    """Estimate the mean gain in a metric, positive where the arm is better.

    `estimate_gain` takes the values of a metric that is a mean over images. Any other metric is, to first order, the
    mean of pseudo-values, which `estimate_gain` takes in the same way: a jackknife that separates replicates from
    groups of test images, as for a mean. overlap: fraction of training images that two replicates share.
    """
    better, worse = (arm, reference) if metric.better == "high" else (reference, arm)
    return estimate_gain(
        better.values,
        worse.values,
        arm.strata,
        groups=arm.groups,
        overlap=overlap,
        differs=arm.choices != reference.choices,
    )


def possible_gain(gain: Estimate, metric: Metric, confidence_level: float) -> IntervalPart:
    """Return the interval of a gain in a metric, clipped to the possible gains, as plain values."""
    return gain.interval(confidence_level).within(-metric.largest_gain, metric.largest_gain).as_dict()


def excludes_zero(gain: EndsPart) -> bool:
    """Return whether the interval of a gain excludes 0."""
    low, high = gain["low"], gain["high"]
    return low is not None and high is not None and low * high > 0


def estimate_score(arm: PerImage, *, overlap: float = 0.0) -> Estimate:
    """Estimate the metric of a single arm; see `estimate_metric_gain`."""
    zeros = np.zeros((1, 1, len(arm.strata)))
    return estimate_gain(arm.values, zeros, arm.strata, groups=arm.groups, overlap=overlap)


def gains_of_classifiers(metric: Metric, arm: PerImage, reference: PerImage) -> np.ndarray:
    """Return the gain of each classifier over the reference's classifier, (R, S)."""
    differences = arm.values.astype(np.float64) - reference.values
    gains: np.ndarray = differences @ stratum_weights(arm.strata)
    return gains if metric.better == "high" else -gains


def no_gain(replicates: int) -> Estimate:
    """Return the gain of an arm over itself: exactly 0."""
    return Estimate(0.0, (0.0,) * replicates, 0.0 if replicates > 1 else None, 0.0)
