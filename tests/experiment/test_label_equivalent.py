"""Worth in labels, and cost."""

from math import inf, sqrt

import pytest

from ganaug.experiment.label_equivalent import Point, cost, crossing, worth
from ganaug.experiment.statistics import Estimate


def lead(mean, error=0.0, count=5):
    """Return an estimate with this standard error."""
    return Estimate(mean, (mean,) * count, replicate=count * error**2, test=0.0)


@pytest.mark.parametrize(
    ("sizes", "leads", "size"),
    [
        ([10, 1000], [1.0, -1.0], 100),  # half way in the logarithm
        ([10, 100, 1000], [3.0, 2.0, -2.0], 100 * sqrt(10)),
        ([10, 100], [1.0, 0.0], 100),
        ([10, 100], [1.0, 0.5], inf),
        ([10, 100], [0.0, -1.0], 10),
        ([10, 100], [-1.0, -2.0], 10),
        ([10, 100, 1000], [1.0, 5.0, -1.0], 100 * sqrt(10)),  # a lead that grows is chance
        ([10], [1.0], inf),
    ],
)
def test_the_lead_is_used_up_where_the_line_crosses_0(sizes, leads, size):
    assert crossing(sizes, leads) == pytest.approx(size)


def test_worth_is_the_labels_that_use_up_the_lead_and_its_interval_inverts_the_test():
    # t for 4 degrees of freedom at 97.5 % is 2.776445: intervals reach 1 to both sides
    curve = [Point(10, lead(2.0, 1 / 2.776445)), Point(1000, lead(-2.0, 1 / 2.776445))]
    found = worth(curve, 0.95)
    assert found["labels_per_class"] == pytest.approx(100 - 10, abs=0.01)
    # the lower ends are 1 and −3: a quarter of the way; the upper ones 3 and −1: three quarters
    assert found["low"] == pytest.approx(10 * 100**0.25 - 10, abs=0.01)
    assert found["high"] == pytest.approx(10 * 100**0.75 - 10, abs=0.01)
    assert found["sentence"] == ("The GAN was worth about 90 more labelled images a class [22, 306].")


def test_the_order_of_the_sizes_plays_no_part():
    curve = [Point(10, lead(2.0)), Point(30, lead(1.0)), Point(100, lead(-1.0))]
    assert worth(curve, 0.95) == worth(curve[::-1], 0.95)


def test_a_lead_that_is_never_used_up_is_worth_more_than_was_measured():
    found = worth([Point(10, lead(2.0)), Point(50, lead(1.0))], 0.95)
    assert (found["labels_per_class"], found["low"], found["high"]) == (None, None, None)
    assert "more than 40 more labelled images a class, the most that was measured" in found["sentence"]


def test_an_upper_end_beyond_what_was_measured_is_told():
    found = worth([Point(10, lead(2.0, 1 / 2.776445)), Point(50, lead(-0.5, 1 / 2.776445))], 0.95)
    assert found["high"] is None
    assert found["labels_per_class"] is not None
    assert "over 40]" in found["sentence"]


def test_harm_is_worth_nothing():
    found = worth([Point(10, lead(-2.0)), Point(50, lead(-3.0))], 0.95)
    assert (found["labels_per_class"], found["low"], found["high"]) == (0, 0, 0)
    assert "harm" in found["sentence"]


def test_an_arm_exactly_as_good_as_the_reference_is_worth_nothing_and_did_no_harm():
    found = worth([Point(10, lead(0.0)), Point(50, lead(-1.0))], 0.95)
    assert (found["labels_per_class"], found["low"], found["high"]) == (0, 0, 0)
    assert found["sentence"] == "The GAN was worth about 0 more labelled images a class [0, 0]."


def test_as_many_labels_are_not_more():
    """Where the whole pool is as large as the limited training set, an arm with all labels has no more."""
    assert "no arm has more labels" in worth([Point(10, lead(2.0)), Point(10, lead(2.0))], 0.95)["sentence"]


def test_two_arms_of_one_size_do_not_disturb_the_curve():
    curve = [Point(10, lead(1.0)), Point(1000, lead(-1.0))]
    assert worth([*curve, curve[1]], 0.95) == worth(curve, 0.95)


def test_what_cannot_be_told_is_said():
    assert "no arm has more labels" in worth([Point(10, lead(2.0))], 0.95)["sentence"]
    one = Estimate(2.0, (2.0,), None, 0.0)
    assert "one replicate" in worth([Point(10, one), Point(20, one)], 0.95)["sentence"]


SECONDS = {
    "train_ensemble": {"0": {"seconds": 3.0}, "1": {"seconds": 3.0}},
    "train_gan": {"0": {"seconds": 10.0}, "1": {"seconds": 12.0}},
    "generate": {"0": {"seconds": 1.0}, "1": {"seconds": 1.0}},
    "train_baseline": {"real": {"seconds": 5.0}},
    "train_augmented": {"gan": {"seconds": 7.0}},
}


def test_cost_of_a_point_is_what_the_gan_and_the_longer_arm_took():
    assert cost(SECONDS, "gan", "real", 0.02, shared=True) == {
        "seconds": {"gan": 24.0, "arm": 7.0, "reference": 5.0, "per_point": 13.0},  # 26 s for 2 points
        "joules": None,
    }


def test_an_ensemble_that_only_the_gan_uses_is_part_of_its_cost():
    alone = cost(SECONDS, "gan", "real", 0.02, shared=False)["seconds"]
    assert (alone["gan"], alone["per_point"]) == (30.0, 16.0)


@pytest.mark.parametrize("gain", [0.0, -0.01])
def test_no_gain_has_no_price(gain):
    assert cost(SECONDS, "gan", "real", gain, shared=True)["seconds"]["per_point"] is None


def test_joules_are_told_only_if_every_part_knows_them():
    known = {
        stage: {name: {**part, "joules": 100.0} for name, part in parts.items()} for stage, parts in SECONDS.items()
    }
    assert cost(known, "gan", "real", 0.01, shared=True)["joules"]["gan"] == 400
    known["generate"]["1"] = {"seconds": 1.0}
    assert cost(known, "gan", "real", 0.01, shared=True)["joules"] is None
