"""Formats of values and differences."""

import pytest

from ganaug.experiment.words.quantity import BALANCED_ACCURACY, Quantity

LOSS = Quantity("log loss", "low", in_points=False)
RECALL = Quantity("recall of class `faulty`", "high", in_points=True)


@pytest.mark.parametrize(
    ("low", "high", "signed", "text"),
    [
        (0.95, 0.972, False, "96.1 [95.0, 97.2]"),
        (-0.01, 0.972, True, "+96.1 [-1.0, +97.2]"),
        (None, None, False, "96.1"),
        (None, None, True, "+96.1"),
    ],
)
def test_intervals_are_shown_in_percent(low, high, signed, text):
    assert BALANCED_ACCURACY.interval({"mean": 0.961, "low": low, "high": high}, signed=signed) == text


def test_values_of_other_metrics():
    assert LOSS.interval({"mean": 0.4123, "low": 0.4, "high": 0.425}) == "0.412 [0.400, 0.425]"
    assert LOSS.interval({"mean": 0.0123, "low": -0.01, "high": 0.03}, signed=True) == "+0.012 [-0.010, +0.030]"
    assert (LOSS.heading, LOSS.gain_heading("real")) == ("log loss", "gain (reduction) over real")
    assert (RECALL.heading, RECALL.gain_heading("real")) == ("recall of class faulty, %", "gain over real, points")


def test_a_difference_that_was_given_has_the_digits_that_it_was_given_with():
    shown = [BALANCED_ACCURACY.exact(smallest) for smallest in (0.005, 0.01, 0.0025)]
    assert shown == ["0.5 points", "1 points", "0.25 points"]
    assert LOSS.exact(0.02) == "0.02"
