"""Progress output on a terminal and without one."""

import io
import sys
import time
from types import SimpleNamespace

import pytest

from ganaug.core import progress
from ganaug.core.progress import Progress, with_offset


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances only when a test sets it."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self):
        return True


def test_no_line_before_the_interval_without_a_terminal(clock, capsys):
    bar = Progress("classifier", 100)
    for done in range(1, 10):
        clock.now += 1
        bar.step(done)
    assert capsys.readouterr().out == ""


def test_line_shows_steps_done_and_time_left_without_a_terminal(clock, capsys):
    bar = Progress("classifier", 100)
    clock.now += 10
    bar.step(20, "loss 0.5")
    # 20 steps took 10 s, so the remaining 80 take 40 s
    assert capsys.readouterr().out == "classifier: 20 of 100, about 40 s left  loss 0.5\n"
    clock.now += 9
    bar.step(30)
    assert capsys.readouterr().out == ""
    clock.now += 1
    bar.step(40)
    assert capsys.readouterr().out == "classifier: 40 of 100, about 30 s left\n"


def test_steps_before_a_restart_do_not_affect_the_estimate(clock, capsys):
    bar = Progress("GAN", 100, start=80)
    clock.now += 10
    bar.step(90)
    assert "90 of 100, about 10 s left" in capsys.readouterr().out


def test_the_first_step_says_nothing_of_the_others(clock, capsys):
    bar = Progress("GAN", 100, start=50)
    clock.now += 30  # libraries load
    bar.step(51)
    assert capsys.readouterr().out == "GAN: 51 of 100\n"
    clock.now += 18
    bar.step(66)
    assert capsys.readouterr().out == "GAN: 66 of 100, about 2 min left\n"  # 102 s: 34 steps, 16 of which took 48 s


def test_offset_is_added_to_the_steps_of_a_part(clock, capsys):
    bar = Progress("arm", 100)
    clock.now += 10
    with_offset(bar.step, 40)(10)
    assert "50 of 100, about 10 s left" in capsys.readouterr().out


def test_summary_is_printed_at_the_end(clock, capsys):
    bar = Progress("GAN", 100)
    clock.now += 7
    bar.step(100)
    bar.close()
    assert capsys.readouterr().out == "GAN: 100 of 100 in 7 s\n"


def test_hours_are_no_thousands_of_seconds(clock, capsys):
    bar = Progress("GAN", 1000)
    clock.now += 3000
    bar.step(200)
    assert capsys.readouterr().out == "GAN: 200 of 1000, about 3 h 20 min left\n"
    clock.now += 12_000
    bar.step(1000)
    bar.close()
    assert capsys.readouterr().out.splitlines()[-1] == "GAN: 1000 of 1000 in 4 h 10 min"


def test_summary_of_work_without_steps(clock, capsys):
    bar = Progress("sgan", 0)
    clock.now += 3
    bar.close()
    assert capsys.readouterr().out == "sgan: done in 3 s\n"


def test_progress_bar_on_a_terminal(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = Progress("GAN", 100, start=10)
    assert "10/100" in terminal.getvalue()
    time.sleep(0.2)  # tqdm redraws at most ten times per second
    bar.step(30, "loss 0.5")
    assert "30/100" in terminal.getvalue()
    assert "loss 0.5" in terminal.getvalue()
    assert capsys.readouterr().out == ""
    bar.close()
    assert capsys.readouterr().out.startswith("GAN: 30 of 100 in ")
