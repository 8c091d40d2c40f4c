"""How a stage script starts and ends."""

import json
import sys

import pytest

from ganaug.core.errors import InputError
from ganaug.core.stage import run


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Return a function that sets the command line; results go to an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *argv: monkeypatch.setattr(sys, "argv", list(argv))


def recorded(tmp_path):
    return {
        file.name: json.loads(file.read_text(encoding="utf-8")) for file in (tmp_path / "results/seconds").glob("*")
    }


def test_arguments_of_the_command_line_are_handed_on(started):
    started("pipeline/train_baseline.py", "real")
    seen = []
    run(lambda *arguments: seen.extend(arguments))
    assert seen == ["real"]


def test_time_is_recorded_under_script_and_arguments(started, tmp_path):
    started("pipeline/train_baseline.py", "real")
    run(lambda *_: None)
    ((name, content),) = recorded(tmp_path).items()
    assert name == "train_baseline@real.json"
    assert list(content) == ["seconds"]
    assert content["seconds"] > 0


def test_seconds_of_parts_are_recorded(started, tmp_path):
    started("pipeline/prepare.py")
    run(lambda: {"0": 1.5, "1": 2.5})
    assert recorded(tmp_path)["prepare.json"]["parts"] == {"0": 1.5, "1": 2.5}


def test_time_is_not_recorded_unasked(started, tmp_path):
    started("pipeline/check.py")
    run(lambda: None, record=False)
    assert recorded(tmp_path) == {}


def test_wrong_input_ends_with_its_message_alone(started, tmp_path, capsys):
    started("pipeline/prepare.py")

    def main():
        raise InputError("data/raw: no such folder; mend prepare.path")

    with pytest.raises(SystemExit) as end:
        run(main)
    assert end.value.code == 1
    assert capsys.readouterr().err.strip() == "error: data/raw: no such folder; mend prepare.path"
    assert recorded(tmp_path) == {}


def test_other_errors_are_not_hidden(started, tmp_path):
    started("pipeline/prepare.py")

    def main():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(main)
    assert recorded(tmp_path) == {}
