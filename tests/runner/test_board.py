"""The overall display of a run."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

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
    # gan@1 and arm@1 should have ended 3 s ago: only arm@0 is left
    expected = "2 of 5 stages done; running: gan@1 13 s, arm@1 11 s; 1 waiting; about 4 s left\n"
    assert capsys.readouterr().out == expected


def test_what_waits_for_a_failed_stage_is_not_waiting(clock):
    state = State({"set@0": frozenset({"gan@0"}), "end": frozenset({"set@0"})}, {"gan@1": 100.0}, [], ["gan@0"])
    assert Board(4, Durations({}), 2).text(state) == "running: gan@1 0 s; 0 waiting; 1 failed"


def test_many_running_stages_are_counted(clock):
    state = State({}, {f"arm@{number}": 99.0 for number in range(6)})
    text = Board(6, Durations({}), 6).text(state)
    assert text.startswith("running: arm@0 1 s, arm@1 1 s, arm@2 1 s, arm@3 1 s, 2 more; 0 waiting")


def test_a_log_says_once_what_each_kind_of_stage_does(clock, capsys):
    shown = Board(6, Durations({}), 2, {"gan": "the conditional GAN", "arm": "the classifiers"})
    shown.show(State({}, {"gan@0": 99.0, "gan@1": 99.0}))
    shown.show(State({}, {"gan@1": 99.0, "arm@0": 99.0}))
    shown.show(State({}, {"arm@1": 99.0, "unknown@1": 99.0}))
    assert capsys.readouterr().out == "gan: the conditional GAN\narm: the classifiers\n"


@pytest.fixture
def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None, markup=False)


def test_a_terminal_shows_a_bar_what_stages_do_and_the_time_left(clock, terminal):
    shown = Board(9, Durations({"gan": [300.0], "arm": [4.0]}), 2, {"gan": "the conditional GAN"}, terminal)
    shown.message("a note [about] something")
    shown.show(State({"arm@0": frozenset({"gan@1"})}, {"gan@1": 60.0}, ["gan@0"] * 3, ["gan@2"]))
    shown.close()
    lines = [line.strip() for line in terminal.file.getvalue().splitlines()]
    assert any(line.endswith("a note [about] something") for line in lines)
    head = next(line for line in lines if "3 of 9 stages" in line)
    assert "1 waiting, 1 failed" in head
    assert head.endswith("about 4 min left")  # 260 s of gan@1 and 4 s of arm@0
    assert any(line.split("  ") == ["gan@1", "40 s", "the conditional GAN"] for line in lines)


def test_a_terminal_counts_what_it_does_not_name(clock, terminal):
    shown = Board(9, Durations({}), 6, {}, terminal)
    shown.show(State({}, {f"arm@{number}": 99.0 for number in range(6)}))
    shown.close()
    assert "2 more" in terminal.file.getvalue()
