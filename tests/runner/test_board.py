"""The overall display of a run."""

from types import SimpleNamespace

import pytest

from ganaug.runner import board
from ganaug.runner.board import Board
from ganaug.runner.durations import Durations
from ganaug.runner.jobs import State


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances only when a test sets it."""
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(board, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_a_line_says_what_is_done_running_waiting_and_left(clock, capsys):
    shown = Board(5, Durations({"gan": [10.0], "arm": [4.0]}), slots=2)
    state = State({"arm@0": frozenset({"gan@1"})}, {"gan@1": 97.0, "arm@1": 99.0}, ["gan@0", "arm@2"], [])
    shown.show(state)
    assert capsys.readouterr().out == ""  # a line every ten seconds is enough
    clock.now += 10
    shown.show(state)
    # gan@1 should have ended 3 s ago, as should arm@1: what is left is arm@0
    expected = "2 of 5 stages done; running: gan@1 13 s, arm@1 11 s; 1 waiting; about 4 s left\n"
    assert capsys.readouterr().out == expected


def test_what_waits_for_a_failed_stage_is_not_waiting(clock):
    state = State({"set@0": frozenset({"gan@0"}), "end": frozenset({"set@0"})}, {"gan@1": 100.0}, [], ["gan@0"])
    assert Board(4, Durations({}), 2).text(state) == "running: gan@1 0 s; 0 waiting; 1 failed"


def test_many_running_stages_are_counted(clock):
    state = State({}, {f"arm@{number}": 99.0 for number in range(6)})
    text = Board(6, Durations({}), 6).text(state)
    assert text.startswith("running: arm@0 1 s, arm@1 1 s, arm@2 1 s, arm@3 1 s, 2 more; 0 waiting")
