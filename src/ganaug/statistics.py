"""Means and intervals over replicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


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


def student_interval(values: Sequence[float], confidence: float) -> Interval:
    """Return the mean of `values`, one a replicate, with Student's t interval.

    For paired differences this is the interval of the paired t-test. It takes replicates as independent draws: it
    speaks of other training sets and seeds from the same pool, judged on the same test set.
    """
    from scipy.stats import t

    array = np.asarray(values, dtype=np.float64)
    mean = float(array.mean())
    if len(array) < 2:
        return Interval(mean, None, None, tuple(values))
    reach = float(t.ppf((1 + confidence) / 2, len(array) - 1) * array.std(ddof=1) / np.sqrt(len(array)))
    return Interval(mean, mean - reach, mean + reach, tuple(values))


def paired_differences(values: Sequence[float], reference: Sequence[float], confidence: float) -> Interval:
    """Return the interval of values - reference, replicate by replicate."""
    differences = [value - other for value, other in zip(values, reference, strict=True)]
    return student_interval(differences, confidence)
