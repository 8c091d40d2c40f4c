"""Estimates mean gains over replicates, their uncertainty and the resulting verdict: pure functions."""

from __future__ import annotations

from functools import cache
from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from ganaug.experiment.statistics.clusters import Clusters
from ganaug.experiment.summary.types import IntervalPart
from ganaug.experiment.verdicts import Decision

POWER = 0.8
"""Probability with which a minimum detectable gain is detected."""
MIN_SHARED_FRACTION = 0.5
"""Smallest fraction of the variance between replicates that is inflated for overlapping training sets. With few
replicates, the variance estimates are noisy; if the unshared part seemed to explain everything, the interval would be
too narrow (bench/intervals.py)."""
MAX_REPLICATES = 1000
"""Upper limit of the search for the number of replicates needed; beyond it, more replicates are no solution."""


class Interval(NamedTuple):
    """A mean over replicates and its confidence interval."""

    mean: float
    low: float | None
    high: float | None
    """`low` and `high` are None with a single replicate, which does not show how replicates differ."""
    per_replicate: tuple[float, ...]

    def within(self, lowest: float, highest: float) -> Interval:
        """Return the interval clipped to the possible values; with few replicates, it may go far beyond them."""
        if self.low is None or self.high is None:
            return self
        return self._replace(low=max(self.low, lowest), high=min(self.high, highest))

    def as_dict(self) -> IntervalPart:
        """Return plain values, rounded to 6 decimals."""
        return {
            "mean": round(self.mean, 6),
            "low": None if self.low is None else round(self.low, 6),
            "high": None if self.high is None else round(self.high, 6),
            "per_replicate": [round(value, 6) for value in self.per_replicate],
        }


class Estimate(NamedTuple):
    """A mean over replicates and its variance components."""

    mean: float
    per_replicate: tuple[float, ...]
    replicate_variance: float | None
    """Variance of one replicate's value, due to training images and seeds. None with a single replicate."""
    test_variance: float
    """Variance of the mean because the test images are a sample; more replicates do not reduce it. It is at least what
    two additional groups of images would add if the arms differed on them: that no difference was observed does not
    rule one out."""
    overlap: float = 0.0
    """Fraction of training images that two replicates share, in [0, 1). Replicates that share images vary less among
    themselves than around the true mean (Nadeau and Bengio, Inference for the generalization error, 2003)."""
    unshared_variance: float = 0.0
    """The part of `replicate_variance` that is independent between replicates even if they share training images: the
    residual variance of single predictions on single test images (the part that replicates have in common on the same
    images is in `test_variance`), plus the variance between seeds if there are several."""
    test_degrees_of_freedom: float = inf
    """Degrees of freedom of `test_variance`: groups of test images minus one per stratum."""

    def variance_by_replicates(self, replicates: int | None = None) -> float:
        """Return the variance of a mean over `replicates`, by default the actual number, for given test images."""
        variance = self.replicate_variance or 0.0
        shared = max(variance - self.unshared_variance, MIN_SHARED_FRACTION * variance)
        return variance / (replicates or len(self.per_replicate)) + self.overlap / (1 - self.overlap) * shared

    def margin(self, probability: float, replicates: int | None = None) -> float:
        """Return the one-sided margin of error of the mean at this probability, which is above one half.

        replicates: their number R; by default the actual number. Replicates and test images are two samples, each with
        its own variance and degrees of freedom: margin² = t²(R - 1) · variance_by_replicates(R) +
        t²(df) · test_variance, with Student's quantiles t, covers at least as often as it should (Banerjee, On
        confidence interval for two-means problem based on separate estimates of variances and tabulated values of
        t-table, 1961).
        """
        count = replicates or len(self.per_replicate)
        by_replicates = t_quantile(probability, count - 1) ** 2 * self.variance_by_replicates(count)
        return sqrt(by_replicates + t_quantile(probability, self.test_degrees_of_freedom) ** 2 * self.test_variance)

    def interval(self, confidence_level: float) -> Interval:
        """Return the confidence interval of the mean."""
        if self.replicate_variance is None:
            return Interval(self.mean, None, None, self.per_replicate)
        margin = self.margin((1 + confidence_level) / 2)
        return Interval(self.mean, self.mean - margin, self.mean + margin, self.per_replicate)


class Verdict(NamedTuple):
    """The answer of a comparison, and its statistical power."""

    answer: Decision
    minimum_detectable: float | None
    """True gain that this experiment would distinguish from 0 with 80% probability. None with a single replicate."""
    replicates_needed: int | None
    """Replicates that would probably decide if the true gain is the measured one. None if the question is decided, or
    if replicates alone would not decide it."""


@cache
def t_quantile(probability: float, degrees_of_freedom: float) -> float:
    """Return a quantile of Student's t distribution."""
    from scipy.stats import t

    return float(t.ppf(probability, degrees_of_freedom))


def estimate_gain(
    correct: np.ndarray,
    reference_correct: np.ndarray,
    labels: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    overlap: float = 0.0,
    differs: np.ndarray | None = None,
) -> Estimate:
    """Estimate two arms' mean difference in balanced accuracy, as a fraction, or in another mean over strata.

    correct, reference_correct: (R, S, N), which of the N test images each of the S classifiers of a replicate gets
    right, or any other values per image (`gains.py`); S may be 1 on one side only. labels: (N,). For the recall of one
    class, pass only its images; for a single arm, pass a reference of zeros. groups: (N,), images with the same number
    (such as those of one patient) are one observation; None: each image is one. overlap: fraction of training images
    that two replicates share. differs: (R, S, N), whether the two classifiers predict different classes, needed if
    values also differ for other images, as pseudo-values do; None: whether their values differ.

    Replicates and groups of test images are two crossed samples: each replicate predicts each image. The variance is
    therefore the sum of a replicate component (training images, seeds) and a test image component, the latter without
    the residual variance of single predictions (a two-way random-effects model without repetition; Searle et al.,
    Variance Components, 1992; within a group, predictions are summed first: the ultimate clusters of Hansen, Hurwitz
    and Madow, Sample Survey Methods, 1953). Overlap inflates the replicate component, without that residual variance
    and, if there are several seeds, without the variance between them. In most simulations the interval keeps its
    coverage with 3, 5 and 10 replicates; the t interval over replicates alone covers too rarely with many replicates on
    few test images, or where training sets overlap (bench/intervals.py).
    """
    by_seed = np.asarray(correct, dtype=np.float64) - np.asarray(reference_correct, dtype=np.float64)
    differences = by_seed.mean(1)
    replicates = len(differences)
    clusters = Clusters.of(labels, np.arange(len(labels)) if groups is None else groups)
    values = differences @ clusters.weights
    estimable = replicates > 1 and len(clusters) > 1
    size = _size(by_seed if differs is None else by_seed * differs, clusters)
    unshared = test = 0.0
    if estimable:
        contributions = clusters.contributions(differences)
        residual = clusters.sum_by_stratum(contributions.var(axis=0, ddof=1))
        between_groups = clusters.sum_by_stratum(contributions.mean(0) ** 2)
        unshared = max(float(residual.sum()) + _seed_variance(by_seed, clusters), 0.0)
        test = float(np.maximum(between_groups - residual / replicates, 0.0).sum())
    return Estimate(
        mean=float(values.mean()),
        per_replicate=tuple(values.tolist()),
        replicate_variance=float(values.var(ddof=1)) if estimable else None,
        test_variance=max(test, 2 / (len(clusters) + 2) * clusters.sum_of_squared_weights * size**2),
        overlap=overlap,
        unshared_variance=unshared,
        test_degrees_of_freedom=clusters.degrees_of_freedom,
    )


def _size(differences: np.ndarray, clusters: Clusters) -> float:
    """Return the root mean square of the groups' non-zero differences, in the stratum where it is largest.

    It is 1 for ungrouped images with values of 0 and 1. If no group differs, it is also 1, the largest difference that
    most metrics allow. differences: (R, S, N).
    """
    by_group = clusters.group_means(differences)
    squares = clusters.sum_by_stratum((by_group**2).sum((0, 1)))
    counts = clusters.sum_by_stratum((by_group != 0).sum((0, 1)))
    return float(np.sqrt((squares[counts > 0] / counts[counts > 0]).max())) if counts.any() else 1.0


def _seed_variance(by_seed: np.ndarray, clusters: Clusters) -> float:
    """Return the variance that seeds add to a replicate's value, without residual variance; 0 with one seed.

    by_seed: (R, S, N). The result is a difference of two estimates, so it can be negative.
    """
    seeds = by_seed.shape[1]
    if seeds == 1:
        return 0.0
    residual = clusters.contributions(by_seed).var(axis=1, ddof=1).sum(-1)
    between_seeds = (by_seed @ clusters.weights).var(axis=1, ddof=1)
    return float(np.mean(between_seeds - residual)) / seeds


def decide(estimate: Estimate, smallest_gain: float, confidence_level: float) -> Verdict:
    """Return the verdict on a gain, given the smallest gain that matters (a fraction above 0).

    `no effect` if the whole interval lies within ± smallest_gain; otherwise `helps` if it lies above 0, `harms` if it
    lies below 0, else `undecided`. The other two fields of the verdict are approximate: a gain is detected with
    probability POWER if its distance from a bound exceeds the sum of the two t quantiles times the standard error.
    """
    low, high = estimate.interval(confidence_level)[1:3]
    if low is None or high is None:
        return Verdict("undecided", None, None)
    actual, needed = len(estimate.per_replicate), None
    answer: Decision
    if -smallest_gain < low and high < smallest_gain:
        answer = "no effect"
    elif low > 0 or high < 0:
        answer = "helps" if low > 0 else "harms"
    else:
        answer = "undecided"
    if answer == "undecided":
        distance = distance_to_a_decision(estimate.mean, smallest_gain)
        more = range(actual + 1, MAX_REPLICATES + 1)
        needed = next(
            (count for count in more if minimum_detectable(estimate, confidence_level, count) <= distance), None
        )
    return Verdict(answer, minimum_detectable(estimate, confidence_level, actual), needed)


def minimum_detectable(estimate: Estimate, confidence_level: float, replicates: int) -> float:
    """Return the true gain that `replicates` replicates would distinguish from 0 with probability POWER."""
    return estimate.margin((1 + confidence_level) / 2, replicates) + estimate.margin(POWER, replicates)


def distance_to_a_decision(mean: float, smallest_gain: float) -> float:
    """Return the larger of two distances: of a gain from 0, and from the nearer of ± smallest_gain if inside."""
    return max(abs(mean), smallest_gain - abs(mean))


def bonferroni(confidence_level: float, comparisons: int) -> float:
    """Return the confidence level that several intervals need so that all hold at once with `confidence_level`.

    The Bonferroni correction is valid however the comparisons depend on each other.
    """
    return 1 - (1 - confidence_level) / max(comparisons, 1)
