"""Intervals over replicates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ganaug.statistics import Interval, paired_differences, student_interval

shares = st.lists(st.floats(0, 1), min_size=2, max_size=12)
confidences = st.sampled_from([0.5, 0.9, 0.95, 0.99])


def test_interval_by_hand():
    # mean 2, standard deviation 1, standard error 1 / √3; Student's t for 2 degrees of freedom is 4.302653 at 97.5 %:
    # the interval reaches 4.302653 / √3 = 2.484138 to both sides
    interval = student_interval([1.0, 2.0, 3.0], 0.95)
    assert interval.mean == 2.0
    assert interval.low == pytest.approx(2 - 2.484138, abs=1e-6)
    assert interval.high == pytest.approx(2 + 2.484138, abs=1e-6)
    assert interval.per_replicate == (1.0, 2.0, 3.0)


def test_interval_of_two_by_hand():
    # with one degree of freedom t is tan(π (p − 1/2)), for p = 0.75 it is 1: the standard error 0.5 is the reach
    interval = student_interval([0.0, 1.0], 0.5)
    assert (interval.low, interval.high) == pytest.approx((0.0, 1.0))


@given(shares.filter(lambda values: np.std(values) > 1e-6), confidences)
def test_interval_is_that_of_the_t_test(values, confidence):
    interval = student_interval(values, confidence)
    expected = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_one_replicate_has_a_mean_but_no_interval():
    assert student_interval([0.7], 0.95) == Interval(0.7, None, None, (0.7,))


def test_equal_replicates_have_an_interval_without_width():
    assert student_interval([0.5] * 4, 0.95)[:3] == (0.5, 0.5, 0.5)


def test_interval_holds_the_true_mean_as_often_as_promised():
    draws = np.random.default_rng(0).normal(3.0, 2.0, size=(1000, 5))
    intervals = [student_interval(values, 0.9) for values in draws]
    held = np.mean([one.low <= 3 <= one.high for one in intervals])
    assert 0.87 < held < 0.93  # three standard errors of √(0.9 × 0.1 / 1000)


def test_differences_are_taken_replicate_by_replicate():
    # 0.6 − 0.5, 0.9 − 0.8, 0.4 − 0.3: always 0.1, although the values themselves vary much
    interval = paired_differences([0.6, 0.9, 0.4], [0.5, 0.8, 0.3], 0.95)
    assert interval[:3] == pytest.approx((0.1, 0.1, 0.1))
    assert interval.per_replicate == pytest.approx((0.1, 0.1, 0.1))


def test_differences_have_the_interval_of_the_paired_t_test():
    values, reference = [0.61, 0.72, 0.58, 0.66], [0.55, 0.70, 0.60, 0.57]
    interval = paired_differences(values, reference, 0.95)
    expected = stats.ttest_rel(values, reference).confidence_interval(0.95)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


def test_unequal_numbers_of_replicates_cannot_be_paired():
    with pytest.raises(ValueError, match="zip"):
        paired_differences([0.1, 0.2], [0.1], 0.95)


def test_plain_values_are_rounded():
    interval = Interval(1 / 3, 0.12345678, 0.5, (1 / 3,))
    assert interval.as_dict() == {"mean": 0.333333, "low": 0.123457, "high": 0.5, "per_replicate": [0.333333]}
    assert Interval(0.5, None, None, (0.5,)).as_dict()["low"] is None
