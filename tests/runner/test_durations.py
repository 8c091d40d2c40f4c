"""How long stages take, and how long the rest will take."""

from ganaug.runner.durations import Durations, by_urgency


def chain(*stages: str) -> dict[str, frozenset[str]]:
    """Return a graph in which each stage waits for the previous one."""
    return {stage: frozenset(stages[max(0, number - 1) : number]) for number, stage in enumerate(stages)}


def test_a_stage_takes_the_mean_of_its_family():
    durations = Durations({"gan": [10.0, 20.0], "arm": [4.0]})
    assert durations.expected(["gan@7", "arm@real-0", "end"]) == {"gan@7": 15.0, "arm@real-0": 4.0}


def test_this_run_replaces_what_its_family_took_earlier():
    durations = Durations({"gan": [10.0, 20.0], "arm": [4.0]})
    durations.add("gan@0", 1.0)
    durations.add("gan@1", 3.0)
    assert durations.expected(["gan@7", "arm@0"]) == {"gan@7": 2.0, "arm@0": 4.0}


def test_time_left_is_that_of_the_longest_slot():
    durations = Durations({"gan": [10.0], "arm": [4.0]})
    arms = {f"arm@{number}": frozenset[str]() for number in range(3)}
    assert durations.left(arms, {}, slots=1) == 12
    assert durations.left(arms, {}, slots=2) == 8
    assert durations.left(arms, {"gan@0": 7.0}, slots=2) == 8  # the GAN needs 3 s more, then its slot takes an arm: 7 s
    assert durations.left({}, {"arm@0": 9.0}, slots=2) == 0  # late


def test_stages_wait_for_others_in_the_estimate():
    durations = Durations({"gan": [10.0], "arm": [4.0]})
    assert durations.left(chain("gan@0", "arm@0"), {}, slots=2) == 14
    waiting = {"arm@0": frozenset({"gan@0"}), "arm@1": frozenset[str]()}
    assert durations.left(waiting, {"gan@0": 1.0}, slots=2) == 13


def test_there_is_no_estimate_with_an_unknown_family():
    assert Durations({"gan": [10.0]}).left(chain("gan@0", "arm@0"), {}, slots=2) is None
    assert Durations({}).left({}, {"gan@0": 1.0}, slots=2) is None


def test_the_longest_way_to_the_end_is_the_most_urgent():
    waiting = {"arm@0": frozenset[str](), **chain("gan@0", "set@0"), "end": frozenset({"arm@0", "set@0"})}
    assert by_urgency(waiting, {}) == ["gan@0", "arm@0", "set@0", "end"]  # 3, 2, 2 and 1 stages
    assert by_urgency(waiting, {"arm@0": 9.0})[0] == "arm@0"
