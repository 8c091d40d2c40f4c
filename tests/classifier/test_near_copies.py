"""Distances to training images and near-copies, derived by hand for two members whose features are pixels."""

import numpy as np
import pytest
from points import column

from ganaug.classifier.near_copies import CopyDetector

# The second member's features have ten times the scale of the first member's. Validation images: 10, 110 and 120.
HELD_OUT = [np.array([[10.0], [110], [120]]) * scale for scale in (1, 10)]
UNSEEN = [np.array([[0.0], [200], [250]]), np.array([[1000.0], [2500]])]
UNITS = np.array([80.0, 200])


def test_units_are_the_median_distances_of_validation_images():
    # 10, 90 and 80 for the first member; 900, 100 and 200 for the second
    np.testing.assert_allclose(CopyDetector.fit(UNSEEN, HELD_OUT).units, UNITS)


def test_unit_of_0_is_replaced_by_1():
    same = [np.zeros((3, 1))]
    np.testing.assert_array_equal(CopyDetector.fit(same, same).units, [1])


def test_nearest_training_image_is_the_minimum_over_members():
    features = [np.array([[99.0], [3]]), np.array([[990.0], [30]])]
    found = CopyDetector(UNSEEN, UNITS, 0.0).nearest(features)
    np.testing.assert_allclose(found.distances, [10 / 200, 3 / 80])
    np.testing.assert_array_equal(found.spaces, [1, 0])


def test_threshold_is_the_5_percent_quantile_of_validation_images():
    # distances 10/80, 100/200 and 200/200; the quantile is a tenth of the way from the first to the second
    assert CopyDetector.fit(UNSEEN, HELD_OUT).threshold == pytest.approx(0.125 + 0.1 * 0.375)


def test_near_copies_are_closer_than_the_threshold():
    # distances 0.1625, 0.1 and 0.175 in the first space, more than 1 in the second; the first is the threshold
    detector = CopyDetector(UNSEEN, UNITS, 13 / 80)
    images = [column(13, 8, 14), column(0, 0, 0)]
    np.testing.assert_array_equal(detector.near_copies(images), [False, True, False])


def test_one_space_needs_no_unit():
    # the same images in another unit: distances, and so the threshold, are relative to those of held-out images
    train, held_out, images = column(0, 1000), column(*range(1, 22)), column(1, -1.5, 2, 3)
    plain, scaled = CopyDetector.fit([train], [held_out]), CopyDetector.fit([7 * train], [7 * held_out])
    assert plain.threshold == pytest.approx(2 / 11)
    assert scaled.threshold == pytest.approx(2 / 11)
    np.testing.assert_array_equal(plain.near_copies([images]), [True, True, False, False])
    np.testing.assert_array_equal(scaled.near_copies([7 * images]), [True, True, False, False])
