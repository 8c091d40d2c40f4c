"""Test images as a sample: groups of images, in strata of classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from ganaug.data.splits import join_groups

LEAST_GROUPS = 4
"""Groups that a stratum has at least, where there are so many: two or three tell hardly how groups differ."""


class Stratum(NamedTuple):
    """Images of a class, or of several classes that have few groups."""

    images: np.ndarray
    """(n,): where they are."""
    shares: np.ndarray
    """(n,): what each counts in the stratum's mean; they sum to 1."""
    scales: np.ndarray
    """(n,): what an image's deviation from that mean counts in what its group adds."""


@dataclass(frozen=True)
class Clusters:
    """How N images in G groups make a mean of recalls, and what a group's chance does to it.

    Groups are drawn, not images: what the images of one group bring is summed up before squares are taken. The squares'
    sum is the variance that leaving out one group after the other shows (the stratified jackknife; Rust and Rao,
    Variance estimation for complex surveys, 1996), which also holds where one group is much of a class.
    """

    weights: np.ndarray
    """(N,): what each image counts in the mean of recalls."""
    strata: tuple[Stratum, ...]
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
        strata = tuple(_stratum(images, weights, places, groups) for images in _strata(places, groups))
        numbers = np.empty(len(labels), np.int64)
        for number, stratum in enumerate(strata):
            numbers[stratum.images] = number
        order = np.argsort(groups, kind="stable")
        _, starts = np.unique(groups[order], return_index=True)
        _, linked = np.unique(join_groups(numbers, groups)[order][starts], return_inverse=True)
        return cls(weights, strata, order, starts, linked)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def degrees(self) -> int:
        """How many deviations of groups from their strata's means are free."""
        return len(self) - len(np.unique(self.linked))

    @property
    def squares(self) -> float:
        """Sum of the squared weights of groups."""
        return float((self._by_group(self.weights) ** 2).sum())

    def parts(self, values: np.ndarray) -> np.ndarray:
        """Return what each group adds to the weighted sum of (…, N) beyond its strata's means: (…, G)."""
        parts = np.empty(values.shape)
        for stratum in self.strata:
            one = values[..., stratum.images]
            parts[..., stratum.images] = stratum.scales * (one - (one @ stratum.shares)[..., None])
        return self._by_group(parts)

    def by_stratum(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of (G,) over the groups of each stratum, or of several that share groups."""
        return np.bincount(self.linked, values)

    def _by_group(self, values: np.ndarray) -> np.ndarray:
        summed: np.ndarray = np.add.reduceat(values[..., self.order], self.starts, axis=-1)
        return summed


def _stratum(images: np.ndarray, weights: np.ndarray, places: np.ndarray, groups: np.ndarray) -> Stratum:
    """Return the stratum of these images. weights, places (classes), groups: (N,).

    In one of several classes each group counts as much as any other one, with the mean of its images: what it weighs
    says which class it is of.
    """
    own = weights[images]
    _, members, sizes = np.unique(groups[images], return_inverse=True, return_counts=True)
    if np.ptp(places[images]):
        spread = np.sqrt((np.bincount(members, own) ** 2).mean())
        own = spread / sizes[members]
    shares = own / own.sum()
    left = np.maximum(1 - np.bincount(members, shares), np.finfo(float).eps)[members]  # of the rest without the group
    return Stratum(images, shares, own / left * np.sqrt((len(sizes) - 1) / len(sizes)))


def _strata(places: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """Return the images of each class; where a class has few groups, together with those of the next smallest.

    Few groups tell little of how groups of a class differ (collapsed strata; Cochran, Sampling Techniques, 1977).
    """

    def size(images: np.ndarray) -> int:
        return len(np.unique(groups[images]))

    strata: list[np.ndarray] = []
    few = np.empty(0, np.int64)
    for images in sorted((np.flatnonzero(places == place) for place in np.unique(places)), key=size):
        few = np.concatenate([few, images])
        if size(few) >= LEAST_GROUPS:
            strata.append(few)
            few = np.empty(0, np.int64)
    if len(few):  # the largest are few too
        strata = [*strata[:-1], np.concatenate([*strata[-1:], few])]
    return strata
