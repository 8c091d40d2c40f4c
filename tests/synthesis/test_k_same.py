"""k-same: clusters of whole groups within a class, and their mean images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages
from ganaug.synthesis.k_same import cluster_means, clusters_of


def grey(levels, labels, groups=None) -> LabelledImages:
    """Return images of one pixel."""
    pixels = np.array(levels, np.uint8).reshape(-1, 1, 1, 1)
    labels = np.array(labels, np.int64)
    return LabelledImages(pixels, labels, ("a", "b"), {}, None if groups is None else np.array(groups, np.int64))


def same(clusters: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(clusters == number).tolist()) for number in np.unique(clusters)}


def test_the_farthest_takes_its_nearest_and_leftovers_stay_together():
    # mean 19: 60 is the farthest and takes 58; of the other five, mean 3.4, 9 takes 8; three are left
    points = np.array([[0], [1], [60], [9], [-1], [58], [8]], dtype=float)
    assert same(clusters_of(points, 2)) == {frozenset({2, 5}), frozenset({3, 6}), frozenset({0, 1, 4})}


@given(st.integers(2, 40), st.integers(2, 6), st.integers(0, 99))
def test_clusters_have_at_least_k_and_fewer_than_2_k_points(count, k, seed):
    clusters = clusters_of(np.random.default_rng(seed).normal(size=(count, 3)), k)
    sizes = np.bincount(clusters)
    assert sizes.max() < max(2 * k, count + 1 if count < 2 * k else 0)
    assert sizes.min() >= min(k, count)


def test_each_image_gets_the_mean_of_its_cluster_within_its_class():
    train = grey([0, 100, 10, 110, 50, 61], [0, 0, 0, 0, 1, 1])
    clusters, means = cluster_means(train, 2)
    assert means[clusters].ravel().tolist() == [5, 105, 5, 105, 56, 56]  # 55.5 rounds to even
    assert (means.shape, means.dtype) == ((3, 1, 1, 1), np.uint8)


def test_whole_groups_are_together_and_count_once():
    # a person of three images, and three persons of one: two clusters of two persons
    train = grey([0, 2, 4, 20, 100, 104], [0] * 6, groups=[5, 5, 5, 1, 2, 3])
    clusters, means = cluster_means(train, 2)
    assert same(clusters) == {frozenset({0, 1, 2, 3}), frozenset({4, 5})}
    assert sorted(means.ravel().tolist()) == [6, 102]  # 26 / 4 = 6.5 rounds to even


def test_a_class_with_too_few_groups_is_refused():
    with pytest.raises(InputError, match=r"k_same: class 'b' has training images of 1 groups, and a mean needs 2"):
        cluster_means(grey([0, 1, 2, 3], [0, 0, 1, 1], groups=[0, 1, 2, 2]), 2)
