"""How long a step takes."""

from types import SimpleNamespace

import pytest
from short_gan import short_settings

from ganaug.gan import timing
from ganaug.gan.timing import LONG_ENOUGH, TIMED, WARM_UP, seconds_per_step


@pytest.mark.parametrize(
    ("moments", "looks", "seconds"),
    [
        ([0, 0.1, 0.2, 0.4, 0.7], WARM_UP + TIMED, 0.15),  # the median of 0.1, 0.1, 0.2 and 0.3
        ([0, LONG_ENOUGH, 99], WARM_UP + 1, LONG_ENOUGH),
        ([0, LONG_ENOUGH / 3, LONG_ENOUGH, 99], WARM_UP + 2, LONG_ENOUGH / 2),  # of 1 and 2 thirds
    ],
)
def test_timing_ends_once_enough_is_known(two_colours, monkeypatch, moments, looks, seconds):
    clock = iter(moments)
    seen = []

    def look():
        seen.append(float(next(clock)))
        return seen[-1]

    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=look))
    found = seconds_per_step(short_settings(steps=100), two_colours(8))
    assert found == pytest.approx(seconds)
    assert len(seen) == looks
