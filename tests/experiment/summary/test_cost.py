"""The cost of a gain."""

import copy

import pytest

from ganaug.experiment.summary.cost import cost, costs_in

SECONDS = {
    "train_ensemble": {"0": {"seconds": 3.0}, "1": {"seconds": 3.0}},
    "train_gan": {"0": {"seconds": 10.0}, "1": {"seconds": 12.0}},
    "generate": {"0": {"seconds": 1.0}, "1": {"seconds": 1.0}},
    "train_baseline": {"real": {"0": {"seconds": 2.0}, "1": {"seconds": 3.0}}},
    "try_shares": {"gan": {"0": {"seconds": 2.0}, "1": {"seconds": 1.0}}},
    "train_augmented": {"gan": {"0": {"seconds": 2.0}, "1": {"seconds": 2.0}}},
}


def test_cost_of_a_point_is_the_time_for_the_gan_and_the_longer_arm():
    assert cost(SECONDS, ["gan"], ["real"], 0.02, reference_uses_ensemble=True) == {
        "seconds": {"gan": 24.0, "arm": 7.0, "reference": 5.0, "per_point": 13.0},  # 26 s for 2 points
        "joules": None,
        "jobs": 1,
    }


def test_stages_that_ran_side_by_side_are_marked():
    measured = copy.deepcopy(SECONDS)
    measured["train_gan"]["1"]["jobs"] = 4
    assert cost(measured, ["gan"], ["real"], 0.02, reference_uses_ensemble=True)["jobs"] == 4


def test_ensemble_that_only_the_gan_uses_is_part_of_its_cost():
    found = cost(SECONDS, ["gan"], ["real"], 0.02, reference_uses_ensemble=False)["seconds"]
    assert (found["gan"], found["per_point"]) == (30.0, 16.0)


@pytest.mark.parametrize("gain", [0.0, -0.01])
def test_no_gain_has_no_cost_per_point(gain):
    assert cost(SECONDS, ["gan"], ["real"], gain, reference_uses_ensemble=True)["seconds"]["per_point"] is None


def test_joules_are_reported_only_if_every_stage_measured_them():
    measured = copy.deepcopy(SECONDS)
    for part in costs_in(measured):
        part["joules"] = 100.0
    assert cost(measured, ["gan"], ["real"], 0.01, reference_uses_ensemble=True)["joules"]["gan"] == 400
    measured["generate"]["1"] = {"seconds": 1.0}
    assert cost(measured, ["gan"], ["real"], 0.01, reference_uses_ensemble=True)["joules"] is None


def test_cost_of_arms_that_count_as_one_is_their_mean():
    measured = copy.deepcopy(SECONDS)
    for stage in ("try_shares", "train_augmented"):
        measured[stage]["other"] = {"0": {"seconds": 10.0}}
    measured["train_baseline"]["classical"] = {"0": {"seconds": 9.0}}
    found = cost(measured, ["gan", "other"], ["real", "classical"], 0.02, reference_uses_ensemble=True)["seconds"]
    # arms 7 and 20 s, references 5 and 9 s, the GANs 24 s: 24 + 13.5 − 7 s for 2 points
    assert found == {"gan": 24.0, "arm": 13.5, "reference": 7.0, "per_point": 15.25}
