"""How much the gain of the verdict varies between replicates and between seeds: what `ganaug plan` starts from."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, NamedTuple, Self

import numpy as np

from ganaug.experiment.statistics import Estimate


class Spread(NamedTuple):
    """How much the gain that the verdict is about varies."""

    estimate: Estimate
    seeds: int
    """Classifiers per arm and replicate."""
    seed_variance: float | None
    """Variance of a single classifier's gain between the seeds of a replicate; None with one seed."""

    @classmethod
    def of(cls, estimate: Estimate, gains: np.ndarray) -> Self:
        """Return the spread. gains: (R, S), of each classifier over its reference's."""
        seeds = gains.shape[1]
        return cls(estimate, seeds, float(gains.var(axis=1, ddof=1).mean()) if seeds > 1 else None)

    def with_seeds(self, seeds: int) -> Estimate:
        """Return what the estimate would probably be with another number of seeds.

        A replicate's variance is that of its training images plus that of one classifier by the number of seeds. What
        the choice of test images adds stays.
        """
        if seeds == self.seeds or self.seed_variance is None:
            return self.estimate
        change = self.seed_variance * (1 / seeds - 1 / self.seeds)
        least = self.seed_variance / seeds
        return self.estimate._replace(
            replicate_variance=max((self.estimate.replicate_variance or 0.0) + change, least),
            unshared_variance=max(self.estimate.unshared_variance + change, least),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON, which has no infinity: null stands for it."""
        plain = self.estimate._asdict()
        degrees = plain["test_degrees_of_freedom"]
        plain |= {
            "per_replicate": list(self.estimate.per_replicate),
            "test_degrees_of_freedom": None if degrees == inf else degrees,
        }
        return {"seeds": self.seeds, "seed_variance": self.seed_variance, **plain}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return what `as_dict` wrote."""
        values = dict(content)
        seeds, seed_variance = values.pop("seeds"), values.pop("seed_variance")
        values["per_replicate"] = tuple(values["per_replicate"])
        if values["test_degrees_of_freedom"] is None:
            values["test_degrees_of_freedom"] = inf
        return cls(Estimate(**values), seeds, seed_variance)
