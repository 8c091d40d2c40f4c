"""Distances to training images and near-copies, derived by hand for two members whose features are pixels."""

import numpy as np
import pytest

from ganaug.synthesis.near_copies import distance_units, find_nearest, near_copy_threshold

# The second member's features have ten times the scale of the first member's. Validation images: 10, 110 and 120.
HELD_OUT = [np.array([[10.0], [110], [120]]) * scale for scale in (1, 10)]
UNSEEN = [np.array([[0.0], [200], [250]]), np.array([[1000.0], [2500]])]
UNITS = np.array([80.0, 200])


def test_units_are_the_median_distances_of_validation_images():
    # 10, 90 and 80 for the first member; 900, 100 and 200 for the second
    np.testing.assert_allclose(distance_units(HELD_OUT, UNSEEN), UNITS)


def test_unit_of_0_is_replaced_by_1():
    same = [np.zeros((3, 1))]
    np.testing.assert_array_equal(distance_units(same, same), [1])


def test_nearest_training_image_is_the_minimum_over_members():
    features = [np.array([[99.0], [3]]), np.array([[990.0], [30]])]
    found = find_nearest(features, UNSEEN, UNITS)
    np.testing.assert_allclose(found.distances, [10 / 200, 3 / 80])
    np.testing.assert_array_equal(found.members, [1, 0])


def test_threshold_is_the_5_percent_quantile_of_validation_images():
    # distances 10/80, 100/200 and 200/200; the quantile is a tenth of the way from the first to the second
    assert near_copy_threshold(HELD_OUT, UNSEEN, UNITS) == pytest.approx(0.125 + 0.1 * 0.375)
