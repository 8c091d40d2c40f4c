"""What a user sees of long work."""

import io
import sys
import time
from types import SimpleNamespace

import pytest

from ganaug.core import progress
from ganaug.core.progress import Progress, shifted


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is set."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def test_without_a_terminal_nothing_is_said_too_often(clock, capsys):
    bar = Progress("classifier", 100)
    for done in range(1, 10):
        clock.now += 1
        bar.step(done)
    assert capsys.readouterr().out == ""


def test_without_a_terminal_a_line_tells_what_is_done_and_left(clock, capsys):
    bar = Progress("classifier", 100)
    clock.now += 10
    bar.step(20, "loss 0.5")
    # 20 took 10 s, so the other 80 take 40 s
    assert capsys.readouterr().out == "classifier: 20 of 100, about 40 s left  loss 0.5\n"
    clock.now += 9
    bar.step(30)
    assert capsys.readouterr().out == ""
    clock.now += 1
    bar.step(40)
    assert capsys.readouterr().out == "classifier: 40 of 100, about 30 s left\n"


def test_what_was_done_before_a_restart_does_not_count_as_speed(clock, capsys):
    bar = Progress("GAN", 100, start=80)
    clock.now += 10
    bar.step(90)
    assert "90 of 100, about 10 s left" in capsys.readouterr().out


def test_parts_count_on_from_where_they_begin(clock, capsys):
    bar = Progress("arm", 100)
    clock.now += 10
    shifted(bar.step, 40)(10)
    assert "50 of 100, about 10 s left" in capsys.readouterr().out


def test_the_end_is_told_in_one_line(clock, capsys):
    bar = Progress("GAN", 100)
    clock.now += 7
    bar.step(100)
    bar.close()
    assert capsys.readouterr().out == "GAN: 100 of 100 in 7 s\n"


def test_what_had_no_steps_is_done(clock, capsys):
    bar = Progress("sgan", 0)
    clock.now += 3
    bar.close()
    assert capsys.readouterr().out == "sgan: done in 3 s\n"


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = Progress("GAN", 100, start=10)
    assert "10/100" in terminal.getvalue()
    time.sleep(0.2)  # tqdm draws ten times a second at most
    bar.step(30, "loss 0.5")
    assert "30/100" in terminal.getvalue()
    assert "loss 0.5" in terminal.getvalue()
    assert capsys.readouterr().out == ""
    bar.close()
    assert capsys.readouterr().out.startswith("GAN: 30 of 100 in ")
