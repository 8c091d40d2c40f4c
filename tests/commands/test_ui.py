"""`ganaug ui`: MLflow's own pages of the project's runs."""

import os
import sys

import pytest

from ganaug.core.paths import Paths


@pytest.fixture
def started(monkeypatch):
    """The command that would replace this process, and its environment."""
    calls = []
    monkeypatch.setattr(os, "execve", lambda program, command, environment: calls.append((command, environment)))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return calls


def test_the_pages_show_the_project_s_database_to_this_machine_only(ganaug, tmp_path, started):
    Paths(tmp_path).mlflow_database.touch()
    assert ganaug("ui", "--port", "5001") == 0
    ((command, environment),) = started
    assert command[:4] == [sys.executable, "-m", "mlflow", "ui"]
    options = dict(zip(command[4::2], command[5::2], strict=True))
    assert options == {
        "--backend-store-uri": f"sqlite:///{tmp_path}/mlflow.db",
        "--host": "127.0.0.1",
        "--port": "5001",
    }
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_another_database_needs_none_in_the_project(ganaug, started, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://host/runs")
    assert ganaug("ui") == 0
    assert "postgresql://host/runs" in started[0][0]


@pytest.mark.parametrize("lacking", ["runs", "pages", "nothing, as there is a server"])
def test_what_is_lacking_is_said(ganaug, tmp_path, started, monkeypatch, capsys, lacking):
    said = {
        "runs": "mlflow.db: does not exist yet; run `dvc repro`",
        "pages": "MLflow's pages are not installed; install them with: pip install 'ganaug[ui]'",
        "nothing, as there is a server": "open http://host:5000, or unset it to see the project's own runs",
    }
    if lacking != "runs":
        Paths(tmp_path).mlflow_database.touch()
    if lacking == "pages":
        monkeypatch.setattr("ganaug.report.mlflow.tracking.pages_installed", lambda: False)
    if "server" in lacking:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://host:5000")
    assert ganaug("ui") == 1
    assert said[lacking] in capsys.readouterr().err
    assert not started
