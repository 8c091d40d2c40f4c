"""The label equivalent of a gain."""

from math import inf, sqrt

import pytest

from ganaug.experiment.label_equivalent import (
    LabelEquivalent,
    Point,
    label_equivalent,
    label_equivalent_sentence,
    labels_at_zero_gain,
)
from ganaug.experiment.statistics import Estimate

UNIT_MARGIN = 1 / 2.776445
"""Standard error at which a 95% interval over 5 replicates extends by 1 (t for 4 degrees of freedom at 97.5%)."""


def gain(mean, error=0.0, replicates=5):
    """Return an estimate with this standard error."""
    return Estimate(mean, (mean,) * replicates, replicate_variance=replicates * error**2, test_variance=0.0)


def figures(found):
    return found.labels_per_class, found.low, found.high


@pytest.mark.parametrize(
    ("sizes", "gains", "size"),
    [
        ([10, 1000], [1.0, -1.0], 100),  # halfway on the logarithmic scale
        ([10, 100, 1000], [3.0, 2.0, -2.0], 100 * sqrt(10)),
        ([10, 100], [1.0, 0.0], 100),
        ([10, 100], [1.0, 0.5], inf),
        ([10, 100], [0.0, -1.0], 10),
        ([10, 100], [-1.0, -2.0], 10),
        ([10, 100, 1000], [1.0, 5.0, -1.0], 100 * sqrt(10)),  # an increasing gain is attributed to chance
        ([10], [1.0], inf),
    ],
)
def test_gain_is_zero_where_the_line_crosses_zero(sizes, gains, size):
    assert labels_at_zero_gain(sizes, gains) == pytest.approx(size)


def test_label_equivalent_is_where_the_gain_vanishes_and_its_interval_inverts_the_test():
    found = label_equivalent([Point(10, gain(2.0, UNIT_MARGIN)), Point(1000, gain(-2.0, UNIT_MARGIN))], 0.95)
    assert found.labels_per_class == pytest.approx(100 - 10, abs=0.01)
    # lower bounds are 1 and −3: a quarter of the way; upper bounds are 3 and −1: three quarters
    assert found.low == pytest.approx(10 * 100**0.25 - 10, abs=0.01)
    assert found.high == pytest.approx(10 * 100**0.75 - 10, abs=0.01)
    assert (found.largest_measured, found.harmful, found.unknown) == (990, False, None)
    assert found.as_dict() == {"labels_per_class": 90.0, "low": 21.62, "high": 306.23}


def test_order_of_sizes_does_not_matter():
    curve = [Point(10, gain(2.0)), Point(30, gain(1.0)), Point(100, gain(-1.0))]
    assert label_equivalent(curve, 0.95) == label_equivalent(curve[::-1], 0.95)


def test_gain_that_remains_at_the_largest_size_is_beyond_the_measured_range():
    found = label_equivalent([Point(10, gain(2.0)), Point(50, gain(1.0))], 0.95)
    assert (figures(found), found.largest_measured) == ((inf, inf, inf), 40)
    assert found.as_dict() == {"labels_per_class": None, "low": None, "high": None}


def test_upper_bound_may_lie_beyond_the_measured_range():
    found = label_equivalent([Point(10, gain(2.0, UNIT_MARGIN)), Point(50, gain(-0.5, UNIT_MARGIN))], 0.95)
    assert found.labels_per_class == pytest.approx(10 * 5**0.8 - 10, abs=0.01)  # 2 of 2.5
    assert found.high == inf
    assert found.as_dict()["high"] is None


def test_harm_is_equivalent_to_no_labels():
    found = label_equivalent([Point(10, gain(-2.0)), Point(50, gain(-3.0))], 0.95)
    assert (figures(found), found.harmful) == ((0, 0, 0), True)


def test_equality_with_the_reference_is_equivalent_to_no_labels_but_no_harm():
    found = label_equivalent([Point(10, gain(0.0)), Point(50, gain(-1.0))], 0.95)
    assert (figures(found), found.harmful) == ((0, 0, 0), False)


def test_arms_with_the_same_number_of_labels_are_not_enough():
    """If the whole pool is as large as the limited training set, an arm with all labels has no more labels."""
    assert label_equivalent([Point(10, gain(2.0))], 0.95).unknown == "no arm with more labels"
    assert label_equivalent([Point(10, gain(2.0)), Point(10, gain(2.0))], 0.95).unknown == "no arm with more labels"


def test_two_arms_of_the_same_size_do_not_change_the_curve():
    curve = [Point(10, gain(1.0)), Point(1000, gain(-1.0))]
    assert label_equivalent([*curve, curve[1]], 0.95) == label_equivalent(curve, 0.95)


def test_one_replicate_is_not_enough():
    one = Estimate(2.0, (2.0,), None, 0.0)
    found = label_equivalent([Point(10, one), Point(20, one)], 0.95)
    assert (figures(found), found.unknown) == ((None, None, None), "one replicate")
    assert found.as_dict() == {"labels_per_class": None, "low": None, "high": None}


UNKNOWN = "The label equivalent of the GAN is unknown: "
REMEDY = "To measure it, add a copy of the reference with `labels: all` to `arms.baseline`."


@pytest.mark.parametrize(
    ("equivalent", "text"),
    [
        (
            LabelEquivalent(12.2, 3.1, 30.4, 40),
            "Using the GAN is equivalent to about 12 extra labels per class (95% interval 3 to 30).",
        ),
        (
            LabelEquivalent(12.2, 3.1, inf, 40),
            "Using the GAN is equivalent to about 12 extra labels per class (95% interval 3 to more than 40).",
        ),
        (
            LabelEquivalent(inf, 3.1, inf, 40),
            "Using the GAN is equivalent to more than 40 extra labels per class (95% interval 3 to more than 40).",
        ),
        (
            LabelEquivalent(inf, inf, inf, 40),
            "Using the GAN is equivalent to more than 40 extra labels per class, the largest number measured.",
        ),
        (
            LabelEquivalent(0, 0, 0, 40),
            "Using the GAN is equivalent to about 0 extra labels per class (95% interval 0 to 0).",
        ),
        (
            LabelEquivalent(0, 0, 0, 40, harmful=True),
            "Using the GAN is equivalent to no extra labels, because it does harm.",
        ),
        (
            LabelEquivalent(None, None, None, unknown="no arm with more labels"),
            UNKNOWN + "no arm has more labels and is otherwise like the reference. " + REMEDY,
        ),
        (LabelEquivalent(None, None, None, unknown="one replicate"), f"{UNKNOWN}one replicate gives no interval."),
    ],
)
def test_label_equivalents_in_words(equivalent, text):
    assert label_equivalent_sentence(equivalent, 0.95) == text
