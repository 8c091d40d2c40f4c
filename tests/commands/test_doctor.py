"""`ganaug doctor`: what is wrong with a machine or a project, and how to fix it."""

import json
import os
import sys
from pathlib import Path

import pytest

from ganaug.runner.checks import machine, project
from ganaug.runner.checks.check import Check


@pytest.fixture
def well(monkeypatch):
    """Let `python` be this Python, the machine have enough of everything, and no server of MLflow be named."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    enough = Check("part", "ok", "plenty")
    monkeypatch.setattr(machine, "libraries", lambda: [enough])
    monkeypatch.setattr(machine, "memory", lambda: enough)
    monkeypatch.setattr(machine, "disk", lambda _: enough)
    monkeypatch.setattr(project, "project", lambda _: enough)


def test_a_machine_that_is_well_ends_with_0(ganaug, well, capsys):
    assert ganaug("doctor") == 0
    out = capsys.readouterr().out
    assert "no problems found" in out
    assert "fix" not in out


def test_what_is_to_be_mended_ends_with_1_and_has_a_remedy(ganaug, well, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    assert ganaug("doctor", "--json") == 1
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert found["fix"] == ["MLflow"]
    (fix,) = (check for check in found["checks"] if check["state"] == "fix")
    assert "does not answer" in fix["found"]
    assert fix["remedy"] == "start it, or unset MLFLOW_TRACKING_URI"
    assert "secret" not in captured.out
    assert ganaug("doctor") == 1
    assert "1 problem to fix" in capsys.readouterr().out
