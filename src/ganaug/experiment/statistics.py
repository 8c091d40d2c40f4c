"""Mean gains over replicates, how sure they are, and what that says: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt
from typing import Any, Literal, NamedTuple

import numpy as np

from ganaug.experiment.clusters import Clusters

POWER = 0.8
"""How often an effect that is said to be detectable would be detected."""
LEAST_SHARED = 0.5
"""Of what replicates differ by, the part that overlapping training images widen in any case: the variance of a few
replicates is chance, and where noise seems to be all of it, an interval would be too narrow (bench/intervals.py)."""
MOST_REPLICATES = 1000
"""More than anybody runs: beyond, replicates are not what is missing."""

Answer = Literal["helps", "no effect", "harms", "undecided"]


class Interval(NamedTuple):
    """A mean over replicates and where the true mean lies."""

    mean: float
    low: float | None
    high: float | None
    """low and high are None where one replicate tells nothing of the spread."""
    per_replicate: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, rounded to 6 digits after the point."""
        return {
            "mean": round(self.mean, 6),
            "low": None if self.low is None else round(self.low, 6),
            "high": None if self.high is None else round(self.high, 6),
            "per_replicate": [round(value, 6) for value in self.per_replicate],
        }


class Estimate(NamedTuple):
    """A mean over replicates and the variance that it owes to each source of chance."""

    mean: float
    per_replicate: tuple[float, ...]
    replicate: float | None
    """Variance of one replicate's value: training images and seeds. None: one replicate cannot tell."""
    test: float
    """Variance of the mean that comes from the test images being a sample; more replicates do not lower it. At least
    that of two more images on which the arms differ: that N images show no difference says little of the next one."""
    overlap: float = 0.0
    """How much of two replicates' training images is the same, in [0, 1). They vary less among themselves than around
    the truth (Nadeau and Bengio, Inference for the generalization error, 2003)."""
    noise: float = 0.0
    """The part of `replicate` that overlapping training images do not lower: single judgements of single test images
    (what replicates have in common of those, they have in common on the same images: it is in `test`), and seeds, as
    far as several of them tell."""
    test_degrees: float = inf
    """How many deviations `test` is estimated from: that many groups of test images beside one a class."""

    def degrees(self, count: int | None = None) -> float:
        """Return Student's degrees of freedom for `count` replicates: of the two samples, the smaller one's."""
        return min((count or len(self.per_replicate)) - 1, self.test_degrees)

    def error(self, count: int | None = None) -> float:
        """Return the standard error of a mean over `count` replicates, by default as many as there are."""
        replicate = self.replicate or 0.0
        shared = self.overlap / (1 - self.overlap) * max(replicate - self.noise, LEAST_SHARED * replicate)
        return sqrt(replicate / (count or len(self.per_replicate)) + shared + self.test)

    def interval(self, confidence: float) -> Interval:
        """Return the interval that holds the true mean with this probability."""
        if self.replicate is None:
            return Interval(self.mean, None, None, self.per_replicate)
        reach = quantile((1 + confidence) / 2, self.degrees()) * self.error()
        return Interval(self.mean, self.mean - reach, self.mean + reach, self.per_replicate)


class Verdict(NamedTuple):
    """What a comparison says, and what it could have said."""

    answer: Answer
    minimum_detectable: float | None
    """True gain that this experiment would have told from 0 with a probability of 80 %; None: one replicate."""
    replicates_needed: int | None
    """Replicates with which an answer is likely if the gain is what it seems; None: decided, or not by replicates."""


def quantile(probability: float, degrees: float) -> float:
    """Return the quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf(probability, degrees))


def gain_in_recall(
    right: np.ndarray,
    reference: np.ndarray,
    labels: np.ndarray,
    *,
    groups: np.ndarray | None = None,
    overlap: float = 0.0,
) -> Estimate:
    """Return the mean difference of balanced accuracy between two arms, in shares.

    right, reference: (R, S, N), which test images each of the S classifiers of a replicate gets right; S may be 1 on
    one side alone. labels: (N,). For one class's recall, give its images only; for an arm on its own, a reference of
    zeros. groups: (N,), images that share a number are one observation, such as those of one patient; None: each
    stands alone. overlap: how much of two replicates' training images is the same.

    Replicates and groups of test images are both samples, crossed: each replicate judges each image. So the variance is
    the sum of what replicates (training images, seeds) and what test images bring, the latter freed from the noise of
    single judgements (a two-way random effects model without repetition; Searle et al., Variance Components, 1992; a
    group's judgements are summed up: the ultimate clusters of Hansen, Hurwitz and Madow, Sample Survey Methods, 1953).
    The overlap widens what replicates bring, freed from that noise, and from what seeds bring where there are several.
    In most simulations this keeps its probability for 3, 5 and 10 replicates; the t interval over replicates alone
    falls short where there are many replicates for few test images, or where training sets overlap
    (bench/intervals.py).
    """
    by_seed = np.asarray(right, dtype=np.float64) - np.asarray(reference, dtype=np.float64)
    differences = by_seed.mean(1)
    replicates, images = differences.shape
    clusters = Clusters.of(labels, np.arange(len(labels)) if groups is None else groups)
    values = differences @ clusters.weights
    several = replicates > 1 and len(clusters) > 1
    noise = test = 0.0
    if several:
        parts = clusters.parts(differences)
        single = clusters.by_stratum(parts.var(axis=0, ddof=1))
        between = clusters.by_stratum(parts.mean(0) ** 2)
        noise = max(float(single.sum()) + _seeds(by_seed, clusters), 0.0)
        test = float(np.maximum(between - single / replicates, 0.0).sum())
    return Estimate(
        mean=float(values.mean()),
        per_replicate=tuple(values.tolist()),
        replicate=float(values.var(ddof=1)) if several else None,
        test=max(test, 2 / (images + 2) * clusters.squares),
        overlap=overlap,
        noise=noise,
        test_degrees=clusters.degrees,
    )


def _seeds(by_seed: np.ndarray, clusters: Clusters) -> float:
    """Return the variance that seeds bring to a replicate's value, single judgements apart; 0 where there is one.

    by_seed: (R, S, N). As a difference of estimates it may come out below 0.
    """
    seeds = by_seed.shape[1]
    if seeds == 1:
        return 0.0
    noise = clusters.parts(by_seed).var(axis=1, ddof=1).sum(-1)
    between = (by_seed @ clusters.weights).var(axis=1, ddof=1)
    return float(np.mean(between - noise)) / seeds


def judge(estimate: Estimate, smallest: float, confidence: float) -> Verdict:
    """Return the verdict on a gain, given the smallest gain (a share, above 0) that would matter.

    `no effect`: the whole interval lies within ± smallest. Otherwise `helps` and `harms` if it lies above, or below, 0;
    else `undecided`. Both numbers of the verdict are approximate: a gain is found with probability POWER if it lies
    further from a border than the sum of the two quantiles of t times the standard error.
    """
    low, high = estimate.interval(confidence)[1:3]
    if low is None or high is None:
        return Verdict("undecided", None, None)
    answer: Answer
    if -smallest < low and high < smallest:
        answer = "no effect"
    elif low > 0 or high < 0:
        answer = "helps" if low > 0 else "harms"
    else:
        answer = "undecided"

    def detectable(count: int) -> float:
        degrees = estimate.degrees(count)
        quantiles = quantile((1 + confidence) / 2, degrees) + quantile(POWER, degrees)
        return quantiles * estimate.error(count)

    needed = None
    if answer == "undecided":
        room = max(abs(estimate.mean), smallest - abs(estimate.mean))  # to 0, or to the border of what matters
        here = len(estimate.per_replicate)
        needed = next((count for count in range(here + 1, MOST_REPLICATES + 1) if detectable(count) <= room), None)
    return Verdict(answer, detectable(len(estimate.per_replicate)), needed)


def together(confidence: float, comparisons: int) -> float:
    """Return the confidence that each of several intervals needs so that all hold at once with `confidence`.

    Bonferroni's: it holds whatever the comparisons have in common.
    """
    return 1 - (1 - confidence) / max(comparisons, 1)


def student_interval(values: Sequence[float], confidence: float) -> Interval:
    """Return the mean of `values`, one a replicate, with Student's t interval over replicates alone."""
    array = np.asarray(values, dtype=np.float64)
    variance = float(array.var(ddof=1)) if len(array) > 1 else None
    return Estimate(float(array.mean()), tuple(values), variance, 0.0).interval(confidence)
