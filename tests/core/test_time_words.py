"""Spans of time in words."""

import pytest

from ganaug.core.time_words import time_in_words


@pytest.mark.parametrize(
    ("seconds", "words"), [(4.4, "4 s"), (99, "99 s"), (100, "2 min"), (5399, "90 min"), (5400, "1.5 h")]
)
def test_times_have_the_precision_that_people_care_for(seconds, words):
    assert time_in_words(seconds) == words
