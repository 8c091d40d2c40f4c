"""Test images as a sample: groups of images (clusters), stratified by class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from ganaug.data.splits import join_groups

MIN_GROUPS = 4
"""Smallest number of groups in a stratum, if there are enough: two or three say little about how groups differ."""

MIN_DEGREES_OF_FREEDOM = 4
"""Fewest effective degrees of freedom, if there are enough groups: where one group dominates, leaving it out changes
most of the mean, so the variance is already overstated (bench/groups.py)."""


class Stratum(NamedTuple):
    """Images of one class, or of several classes with few groups each."""

    images: np.ndarray
    """(n,): indices of the images."""
    weights: np.ndarray
    """(n,): weight of each image in the stratum's mean; the weights sum to 1."""
    scales: np.ndarray
    """(n,): factor for each image's deviation from that mean, in the contribution of its group."""


@dataclass(frozen=True)
class Clusters:
    """N test images in G groups: their weights in balanced accuracy, and the sampling variance that groups cause.

    The sampling unit is the group, not the image: the contributions of a group's images are summed before they are
    squared. The sum of the squares is the stratified jackknife variance, which leaves out one group after another
    (Rust and Rao, Variance estimation for complex surveys, 1996); it is also valid where one group dominates a class.
    """

    weights: np.ndarray
    """(N,): weight of each image in the mean recall."""
    strata: tuple[Stratum, ...]
    order: np.ndarray
    """(N,): image indices, sorted by group."""
    starts: np.ndarray
    """(G,): position in `order` where each group begins."""
    stratum_of_group: np.ndarray
    """(G,): index of each group's stratum; strata that share groups have the same index."""

    @classmethod
    def of(cls, labels: np.ndarray, groups: np.ndarray) -> Self:
        """Return the clusters of N images. labels, groups: (N,)."""
        classes, weights = np.unique(labels, return_inverse=True)[1], stratum_weights(labels)
        strata = tuple(_stratum(images, weights, classes, groups) for images in _stratify(classes, groups))
        stratum_of_image = np.empty(len(labels), np.int64)
        for number, stratum in enumerate(strata):
            stratum_of_image[stratum.images] = number
        order = np.argsort(groups, kind="stable")
        _, starts = np.unique(groups[order], return_index=True)
        joined = join_groups(stratum_of_image, groups)[order][starts]
        _, stratum_of_group = np.unique(joined, return_inverse=True)
        return cls(weights, strata, order, starts, stratum_of_group)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def degrees_of_freedom(self) -> float:
        """Effective degrees of freedom of the sampling variance.

        Number of groups minus number of independent strata if all groups have the same weight, and fewer otherwise: if
        a few groups outweigh all others, they count almost alone (Satterthwaite, An approximate distribution of
        estimates of variance components, 1946, with variances proportional to squared weights).
        """
        most = len(self) - len(np.unique(self.stratum_of_group))
        groups = np.bincount(self.stratum_of_group)[self.stratum_of_group]
        squares = (self._sum_by_group(self.weights) ** 2)[groups > 1]
        corrected = squares**2 * (groups / np.maximum(groups - 1, 1))[groups > 1]
        effective = squares.sum() ** 2 / corrected.sum() if len(squares) else 0.0
        return float(max(effective, min(MIN_DEGREES_OF_FREEDOM, most)))

    @property
    def sum_of_squared_weights(self) -> float:
        """Sum of the groups' squared weights."""
        return float((self._sum_by_group(self.weights) ** 2).sum())

    def contributions(self, values: np.ndarray) -> np.ndarray:
        """Return each group's contribution to the weighted sum of (…, N), minus its stratum's mean: (…, G)."""
        deviations = np.empty(values.shape)
        for stratum in self.strata:
            inside = values[..., stratum.images]
            deviations[..., stratum.images] = stratum.scales * (inside - (inside @ stratum.weights)[..., None])
        return self._sum_by_group(deviations)

    def group_means(self, values: np.ndarray) -> np.ndarray:
        """Return the weighted mean of each group's images, (…, G), for values (…, N)."""
        means: np.ndarray = self._sum_by_group(values * self.weights) / self._sum_by_group(self.weights)
        return means

    def sum_by_stratum(self, values: np.ndarray) -> np.ndarray:
        """Sum values (G,) over the groups of each stratum; strata that share groups count as one."""
        return np.bincount(self.stratum_of_group, values)

    def _sum_by_group(self, values: np.ndarray) -> np.ndarray:
        summed: np.ndarray = np.add.reduceat(values[..., self.order], self.starts, axis=-1)
        return summed


def stratum_weights(strata: np.ndarray) -> np.ndarray:
    """Return the weight of each image, (N,), in the mean of the strata's means; 0 for images in stratum -1."""
    chosen, weights = strata >= 0, np.zeros(len(strata))
    _, stratum, sizes = np.unique(strata[chosen], return_inverse=True, return_counts=True)
    weights[chosen] = 1 / (len(sizes) * sizes[stratum])
    return weights


def _stratum(images: np.ndarray, weights: np.ndarray, classes: np.ndarray, groups: np.ndarray) -> Stratum:
    """Return the stratum of these images. weights, classes, groups: (N,).

    In a stratum of several classes, all groups get the same weight, spread over their images: their original weights
    depend on the class.
    """
    within = weights[images]
    _, group_of_image, sizes = np.unique(groups[images], return_inverse=True, return_counts=True)
    if np.ptp(classes[images]):
        group_weight = np.sqrt((np.bincount(group_of_image, within) ** 2).mean())
        within = group_weight / sizes[group_of_image]
    shares = within / within.sum()
    # the share of all other groups, if the image's group is left out
    others = np.maximum(1 - np.bincount(group_of_image, shares), np.finfo(float).eps)[group_of_image]
    return Stratum(images, shares, within / others * np.sqrt((len(sizes) - 1) / len(sizes)))


def _stratify(classes: np.ndarray, groups: np.ndarray) -> list[np.ndarray]:
    """Return the images of each stratum: of one class, or of a class with few groups and the next smallest ones.

    Few groups say little about how the groups of a class differ (collapsed strata; Cochran, Sampling Techniques, 1977).
    """

    def count_groups(images: np.ndarray) -> int:
        return len(np.unique(groups[images]))

    strata: list[np.ndarray] = []
    pending = np.empty(0, np.int64)
    by_class = (np.flatnonzero(classes == number) for number in np.unique(classes))
    for images in sorted(by_class, key=count_groups):
        pending = np.concatenate([pending, images])
        if count_groups(pending) >= MIN_GROUPS:
            strata.append(pending)
            pending = np.empty(0, np.int64)
    if len(pending):  # even the largest classes have few groups
        strata = [*strata[:-1], np.concatenate([*strata[-1:], pending])]
    return strata
