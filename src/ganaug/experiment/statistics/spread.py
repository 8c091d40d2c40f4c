"""Measures how much the verdict's gain varies between replicates and seeds, from which `ganaug plan` starts."""

from __future__ import annotations

from math import inf
from typing import NamedTuple, Self

import numpy as np

from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.summary.types import SpreadPart


class Spread(NamedTuple):
    """How much the verdict's gain varies."""

    estimate: Estimate
    seeds: int
    """Classifiers per arm and replicate."""
    seed_variance: float | None
    """Variance of a single classifier's gain between the seeds of a replicate; None with one seed."""

    @classmethod
    def of(cls, estimate: Estimate, gains: np.ndarray) -> Self:
        """Return the spread. gains: (R, S), of each classifier over the reference's classifier."""
        seeds = gains.shape[1]
        return cls(estimate, seeds, float(gains.var(axis=1, ddof=1).mean()) if seeds > 1 else None)

    def with_seeds(self, seeds: int) -> Estimate:
        """Return what the estimate would probably be with another number of seeds.

        A replicate's variance is that of its training images plus that of one classifier divided by the number of
        seeds. The variance due to the choice of test images stays the same.
        """
        if seeds == self.seeds or self.seed_variance is None:
            return self.estimate
        change = self.seed_variance * (1 / seeds - 1 / self.seeds)
        least = self.seed_variance / seeds
        return self.estimate._replace(
            replicate_variance=max((self.estimate.replicate_variance or 0.0) + change, least),
            unshared_variance=max(self.estimate.unshared_variance + change, least),
        )

    def as_dict(self) -> SpreadPart:
        """Return plain values for JSON; infinity becomes null, as JSON does not have it."""
        estimate, degrees = self.estimate, self.estimate.test_degrees_of_freedom
        return {
            "seeds": self.seeds,
            "seed_variance": self.seed_variance,
            "mean": estimate.mean,
            "per_replicate": list(estimate.per_replicate),
            "replicate_variance": estimate.replicate_variance,
            "test_variance": estimate.test_variance,
            "overlap": estimate.overlap,
            "unshared_variance": estimate.unshared_variance,
            "test_degrees_of_freedom": None if degrees == inf else degrees,
        }

    @classmethod
    def from_dict(cls, part: SpreadPart) -> Self:
        """Return the spread that `as_dict` wrote."""
        degrees = part["test_degrees_of_freedom"]
        estimate = Estimate(
            mean=part["mean"],
            per_replicate=tuple(part["per_replicate"]),
            replicate_variance=part["replicate_variance"],
            test_variance=part["test_variance"],
            overlap=part["overlap"],
            unshared_variance=part["unshared_variance"],
            test_degrees_of_freedom=inf if degrees is None else degrees,
        )
        return cls(estimate, part["seeds"], part["seed_variance"])
