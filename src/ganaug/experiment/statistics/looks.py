"""Allows several looks at the answer while replicates are added, with the error rate of a single look."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def levels(looks: Sequence[int], confidence_level: float) -> tuple[float, ...]:
    """Return the confidence level of each look's interval, such that all hold at once with `confidence_level`.

    looks: numbers of replicates in ascending order. Each look spends the error rate in proportion to the replicates
    that it adds (the linear spending function of Kim and DeMets, Design and analysis of group sequential tests based on
    the type I error spending rate function, 1987). Spent shares add up, as in Bonferroni's correction, which makes no
    assumption about how looks depend on each other: arms, shares and intervals change as replicates are added.
    """
    return tuple(1 - (1 - confidence_level) * (now - before) / looks[-1] for before, now in pairwise([0, *looks]))
