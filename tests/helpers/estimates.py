"""Standard errors of estimates, for tests."""

from math import sqrt

from ganaug.experiment.statistics.estimate import Estimate


def standard_error(estimate: Estimate, replicates: int | None = None) -> float:
    """Return the standard error of a mean over `replicates`, by default the actual number."""
    return sqrt(estimate.variance_by_replicates(replicates) + estimate.test_variance)
