"""Several looks at the answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.statistics.looks import levels


def test_levels_by_hand():
    # the first 3 of 12 replicates spend a quarter of the 5%, the next 3 another quarter, the last 6 a half
    assert levels([3, 6, 12], 0.95) == pytest.approx((0.9875, 0.9875, 0.975))


@given(st.sets(st.integers(1, 100), min_size=1, max_size=8), st.floats(0.5, 0.999))
def test_all_looks_together_spend_the_error_rate_of_one(looks, confidence_level):
    spent = [1 - level for level in levels(sorted(looks), confidence_level)]
    assert min(spent) > 0
    assert sum(spent) == pytest.approx(1 - confidence_level)


def test_one_look_is_as_without_looks():
    assert levels([5], 0.9) == pytest.approx((0.9,))
    assert Evaluate(confidence_level=0.9).verdict_level(5) == 0.9
    assert Evaluate().look(5) is None


def test_the_level_of_a_look_follows_from_the_number_of_replicates():
    settings = Evaluate(looks=(3, 6, 12))
    assert settings.verdict_level(6) == pytest.approx(0.9875)
    assert settings.verdict_level(12) == pytest.approx(0.975)
    assert settings.look(6) == (2, 3)


@pytest.mark.parametrize("looks", [(3, 3), (6, 3)])
def test_looks_must_ascend(looks):
    with pytest.raises(ValueError, match="ascending"):
        Evaluate(looks=looks)
