"""Test images as a sample: groups of images, in strata of classes."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np

from ganaug.splits import join_groups


@dataclass(frozen=True)
class Clusters:
    """How N images in G groups make a mean of recalls, and what a group's chance does to it.

    Groups are drawn, not images: what the images of one group bring is summed up before squares are taken (the ultimate
    clusters of Hansen, Hurwitz and Madow, Sample Survey Methods and Theory, 1953).
    """

    weights: np.ndarray
    """(N,): what each image counts in the mean of recalls."""
    strata: tuple[np.ndarray, ...]
    """The images of each stratum: those of a class, or of several that have too few groups for one of their own."""
    scales: tuple[float, ...]
    """Of each stratum: its weight (root mean square) times √(n / (n − 1)), as n deviations from their own mean are too
    small by that."""
    order: np.ndarray
    """(N,): the images, group by group."""
    starts: np.ndarray
    """(G,): where in that order each group begins."""
    linked: np.ndarray
    """(G,): the number of each group's stratum, the same for strata that share groups."""

    @classmethod
    def of(cls, labels: np.ndarray, groups: np.ndarray) -> Self:
        """labels, groups: (N,)."""
        _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weights = 1 / (len(counts) * counts[places])
        strata = _strata(places, groups)
        numbers = np.empty(len(labels), np.int64)
        for number, stratum in enumerate(strata):
            numbers[stratum] = number
        sizes = [_groups(groups, stratum) for stratum in strata]
        spreads = [sqrt((weights[stratum] ** 2).mean()) for stratum in strata]
        order = np.argsort(groups, kind="stable")
        _, starts = np.unique(groups[order], return_index=True)
        _, linked = np.unique(join_groups(numbers, groups)[order][starts], return_inverse=True)
        scales = tuple(spread * sqrt(size / max(size - 1, 1)) for spread, size in zip(spreads, sizes, strict=True))
        return cls(weights, tuple(strata), scales, order, starts, linked)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def degrees(self) -> int:
        """How many deviations of groups from their strata's means are free."""
        return len(self) - len(np.unique(self.linked))

    def parts(self, values: np.ndarray) -> np.ndarray:
        """Return what each group adds to the weighted sum of (…, N) beyond its strata's means: (…, G)."""
        parts = np.empty(values.shape)
        for stratum, scale in zip(self.strata, self.scales, strict=True):
            one = values[..., stratum]
            parts[..., stratum] = scale * (one - one.mean(-1, keepdims=True))
        summed: np.ndarray = np.add.reduceat(parts[..., self.order], self.starts, axis=-1)
        return summed

    def by_stratum(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of (G,) over the groups of each stratum, or of several that share groups."""
        return np.bincount(self.linked, values)


def _strata(places: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """Return the images of each class; where a class has only one group, together with those of the next smallest.

    One group tells nothing of how groups of a class differ (collapsed strata; Cochran, Sampling Techniques, 1977).
    """

    def size(stratum: np.ndarray) -> int:
        return _groups(groups, stratum)

    strata = sorted((np.flatnonzero(places == place) for place in np.unique(places)), key=size)
    while len(strata) > 1 and size(strata[0]) < 2:
        strata = sorted([np.concatenate(strata[:2]), *strata[2:]], key=size)
    return strata


def _groups(groups: np.ndarray, images: np.ndarray) -> int:
    """Return how many groups these images are of."""
    return len(np.unique(groups[images]))
