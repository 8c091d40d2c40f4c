"""`ganaug doctor`: what is wrong with a machine or a project, and how to fix it."""

import json
import os
import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from ganaug.commands import checks
from ganaug.core.paths import Paths
from ganaug.report.tracking import Configuration, connect


@pytest.fixture
def here(monkeypatch):
    """Let `python` be this Python, and no server of MLflow be named."""
    monkeypatch.setenv("PATH", f"{Path(os.sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


@pytest.fixture
def well(here, monkeypatch):
    """Let the machine have enough of everything."""
    for name in ("libraries", "memory", "disk", "project"):
        found = checks.Check(name, "ok", "plenty")
        monkeypatch.setattr(checks, name, lambda *_, found=found, name=name: [found] if name == "libraries" else found)


def test_a_machine_that_is_well_ends_with_0(ganaug, well, capsys):
    assert ganaug("doctor") == 0
    out = capsys.readouterr().out
    assert "all is well" in out
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
    assert "1 to fix" in capsys.readouterr().out


def test_a_server_that_answers_is_well(here, monkeypatch, tmp_path):
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}/")
    assert checks.mlflow(Paths(tmp_path)).state == "ok"
    server.shutdown()


def test_a_database_is_opened_and_a_damaged_one_is_found(here, tmp_path, monkeypatch):
    paths = Paths(tmp_path)
    assert checks.mlflow(paths).state == "ok"
    assert not paths.mlflow_database.exists()  # looking changes nothing
    connect(Configuration("key", "title", {}, {}), paths)
    assert checks.mlflow(paths).state == "ok"
    with monkeypatch.context() as patch:
        patch.setattr("ganaug.report.tracking.pages_installed", lambda: False)
        found = checks.mlflow(paths)
        assert (found.state, found.remedy) == ("note", "to see the runs: pip install 'ganaug[ui]'")
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.copy(paths.mlflow_database, moved)
    found = checks.mlflow(Paths(moved))
    assert found.state == "note"
    assert "move the project back, or remove mlflow.db and mlruns" in found.found
    paths.mlflow_database.write_bytes(b"no database" * 1000)
    assert checks.mlflow(paths).state == "fix"


def test_another_python_first_on_the_path_would_run_the_stages(here, monkeypatch, tmp_path):
    assert checks.python().state == "ok"
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = checks.python()
    assert found.state == "fix"
    assert str(other) in found.found
    assert "activate" in found.remedy


def test_libraries_that_are_missing_or_too_old_are_named(monkeypatch):
    needs = ["no-such-library>=1", "numpy>=999", "torch>=2", "windows-only; sys_platform == 'win32'",
             "h5py>=999; extra == 'hdf5'", "ganaug[hdf5]; extra == 'dev'"]  # fmt: skip
    monkeypatch.setattr("importlib.metadata.requires", lambda _: needs)
    (found,) = (check for check in checks.libraries() if check.name == "libraries")
    assert found == checks.Check(
        "libraries", "fix", "no-such-library>=1, numpy>=999", "pip install 'no-such-library>=1' 'numpy>=999'"
    )
    monkeypatch.setattr("importlib.metadata.metadata", lambda _: SimpleNamespace(get_all=lambda _: ["hdf5", "dev"]))
    assert checks.extras() == checks.Check(
        "extras", "note", "installed: none; not: hdf5", "if needed: pip install 'ganaug[hdf5]'"
    )


def test_too_little_of_something_is_found(here, ganaug, tmp_path, monkeypatch):
    paths = Paths(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**30))
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=2**30, total=2**34))
    monkeypatch.setattr("ganaug.core.parallel.cores", lambda: 0)
    assert [checks.disk(paths).state, checks.memory().state, checks.cores(paths).state] == ["fix"] * 3
    assert checks.memory().found == "1.0 GiB of 16.0 GiB free"


def test_a_gpu_that_torch_cannot_use_is_found(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("ganaug.runner.slots.visible_gpus", lambda: ["0"])
    assert checks.gpu().state == "fix"
    monkeypatch.setattr("ganaug.runner.slots.visible_gpus", list)
    assert checks.gpu() == checks.Check("GPU", "ok", "none; everything runs on the CPU")


def test_a_wrong_parameter_is_quoted(ganaug, tmp_path):
    paths = Paths(tmp_path)
    assert checks.parameters(paths).state == "ok"
    paths.params.write_text(paths.params.read_text().replace("hinge", "hing"))
    assert "did you mean 'hinge'" in checks.parameters(paths).found
    paths.params.unlink()
    assert checks.parameters(paths).state == "note"


def test_a_folder_without_a_project_is_no_mistake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checks.project(Paths()).remedy == "ganaug new FOLDER makes one"
    (tmp_path / "dvc.yaml").write_text("stages: {}")
    found = checks.project(Paths())
    assert found.state == "fix"  # DVC finds no repository
    assert "dvc" in found.found.lower()
