"""Energy that several stages measured at the same time counts once."""

import pytest

from ganaug.experiment.summary.cost import costs_in
from ganaug.experiment.summary.energy_shares import energy_shared

WATTS = 100


def stage(start, end, machine="a"):
    """Return a stage's record on a machine that always uses 100 W."""
    measured = {"seconds": float(end - start), "joules": float(WATTS * (end - start)), "jobs": 4}
    return {**measured, "ended": 1.8e9 + end, "machine": machine}


def joules(costs):
    return [cost["joules"] for cost in costs_in(energy_shared(costs))]


def test_stages_side_by_side_share_what_the_machine_used():
    four = {"train_gan": {str(replicate): stage(0, 100) for replicate in range(4)}}
    assert joules(four) == [2500] * 4


def test_a_stage_has_all_energy_while_it_runs_alone():
    # one stage alone for 50 s, then two; a third after both, and another after a pause
    costs = {"train_gan": {"0": stage(0, 100), "1": stage(50, 100)}, "generate": {"0": stage(100, 110)}}
    costs |= {"evaluate": stage(200, 210)}
    assert joules(costs) == [7500, 2500, 1000, 1000]
    assert sum(joules(costs)) == 120 * WATTS


def test_stages_on_other_machines_share_nothing():
    assert joules({"train_gan": {"0": stage(0, 100, "a"), "1": stage(0, 100, "b")}}) == [10_000] * 2


def test_stages_one_after_another_keep_what_they_measured():
    costs = {"prepare": {"seconds": 2.0, "joules": 30.0}, "train_gan": {"0": {"seconds": 3.0}}}
    assert energy_shared(costs) == costs


def test_seconds_stay_and_no_trace_of_clock_and_machine_is_left():
    (cost,) = costs_in(energy_shared({"train_gan": {"0": stage(0, 10)}}))
    assert cost == {"seconds": 10.0, "joules": pytest.approx(1000), "jobs": 4}
