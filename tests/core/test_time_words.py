"""Durations in words."""

import pytest

from ganaug.core.time_words import time_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4.4, "4 s"),
        (99, "99 s"),
        (99.7, "2 min"),
        (100, "2 min"),
        (5399, "90 min"),
        (5400, "1 h 30 min"),
        (7199, "2 h"),
        (12_000, "3 h 20 min"),
        (36_000, "10 h"),
        (112_000, "31 h"),
    ],
)
def test_times_have_the_precision_that_people_care_for(seconds, words):
    assert time_in_words(seconds) == words
