"""Distances between sets of features: hand-derived values, agreement with torch-fidelity, invariances."""

from math import isnan

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from points import column, normal
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric

from ganaug.core import distances
from ganaug.core.distances import frechet_distance, squared_mmd


def cross(width: float, height: float) -> np.ndarray:
    """Return four points with mean 0 and, with N − 1, variances 2/3 of width² and height², uncorrelated."""
    return np.array([[width, 0], [-width, 0], [0, height], [0, -height]])


def rows(width: int) -> st.SearchStrategy[np.ndarray]:
    shapes = st.tuples(st.integers(2, 7), st.just(width))
    return arrays(np.float64, shapes, elements=st.floats(-100, 100, width=16))


def test_frechet_distance_by_hand():
    # shifted by (3, 4): 25; standard deviations √(2/3) × (1, 2) and √(2/3) × (4, 6): 2/3 × (3² + 4²)
    assert frechet_distance(cross(1, 2), cross(4, 6) + np.array([3, 4])) == pytest.approx(25 + 2 / 3 * 25)
    # rotated by a right angle: 2/3 × (1² + 1²)
    assert frechet_distance(cross(1, 2), cross(2, 1)) == pytest.approx(4 / 3)
    assert frechet_distance(column(0, 2), column(5, 7, 6)) == pytest.approx(5**2 + (2**0.5 - 1) ** 2)


def test_frechet_distance_of_normal_samples_is_that_of_their_distributions():
    first, second = normal(200_000, 2, 0) * [1, 3], normal(200_000, 2, 1) * [2, 1] + [0, 2]
    assert frechet_distance(first, second) == pytest.approx(1 + 4 + 4, rel=0.02)


def test_frechet_distance_agrees_with_torch_fidelity_for_regular_covariances():
    first, second = normal(60, 5, 0), 2 * normal(40, 5, 1) + 1
    statistics = [fid_features_to_statistics(torch.from_numpy(one)) for one in (first, second)]
    theirs = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(first, second) == pytest.approx(theirs)


@given(rows(3), st.integers(0, 9))
def test_frechet_distance_of_shifted_rows_is_the_squared_shift(first, shift):
    assert frechet_distance(first, first + np.array([shift, 0, 0])) == pytest.approx(shift**2, abs=1e-6)


@given(rows(3), rows(3))
def test_frechet_distance_is_symmetric_and_not_negative(first, second):
    assert frechet_distance(first, second) >= 0
    assert frechet_distance(first, second) == pytest.approx(frechet_distance(second, first), rel=1e-6, abs=1e-6)


def test_frechet_distance_is_exact_with_fewer_rows_than_features():
    first, second = normal(4, 300, 0), normal(5, 300, 1)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-10)
    wide = [np.pad(one, ((0, 0), (0, 500))) for one in (first, second)]  # constant features
    assert frechet_distance(*wide) == pytest.approx(frechet_distance(first, second), rel=1e-12)


def test_squared_mmd_by_hand():
    # kernels (x·y + 1)³: 0 with anything 1; 1 with 2: 27; 1 with 1: 8
    first, second = column(0, 1), column(1, 2)
    assert squared_mmd(first, second) == pytest.approx(1 + 27 - 2 * (1 + 1 + 8 + 27) / 4)
    # unequal sizes: the pairs of the second set have 27, 8 and 27
    assert squared_mmd(first, column(1, 2, 1)) == pytest.approx(1 + 62 / 3 - 2 * (1 + 1 + 1 + 8 + 27 + 8) / 6)


def test_squared_mmd_agrees_with_torch_fidelity_on_sets_of_equal_size():
    first, second = normal(30, 6, 0), normal(30, 6, 1) + 1
    sets = [torch.from_numpy(one) for one in (first, second)]
    theirs = kid_features_to_metric(*sets, kid_subsets=1, kid_subset_size=30, verbose=False)
    assert squared_mmd(first, second) == pytest.approx(theirs["kernel_inception_distance_mean"])


def test_squared_mmd_of_small_samples_is_0_on_average():
    found = [squared_mmd(normal(4, 3, 2 * seed), normal(7, 3, 2 * seed + 1)) for seed in range(2000)]
    assert np.mean(found) == pytest.approx(0, abs=4 * np.std(found) / 2000**0.5)


@pytest.mark.parametrize("count", [0, 1])
def test_distances_are_nan_for_fewer_than_two_rows(count):
    for function in (frechet_distance, squared_mmd):
        assert isnan(function(normal(count, 2, 0), normal(5, 2, 1)))
        assert isnan(function(normal(5, 2, 1), normal(count, 2, 0)))


def test_single_precision_is_not_computed_in():
    first, second = normal(9, 4, 0).astype(np.float32), normal(9, 4, 1).astype(np.float32)
    for distance in (frechet_distance, squared_mmd):
        assert distance(first, second) == distance(first.astype(np.float64), second.astype(np.float64))


def test_the_block_size_does_not_change_the_distance(monkeypatch):
    first, second = normal(23, 4, 0), normal(17, 4, 1)
    whole = squared_mmd(first, second)
    monkeypatch.setattr(distances, "BLOCK_ROWS", 5)
    assert squared_mmd(first, second) == pytest.approx(whole)
