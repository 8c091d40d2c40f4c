"""Checks of the project by `ganaug doctor`."""

import shutil
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from ganaug.core.paths import Paths
from ganaug.report.mlflow.tracking import Configuration, connect
from ganaug.runner.checks.project import mlflow, parameters, project


def test_a_server_that_answers_is_well(monkeypatch, tmp_path):
    class Healthy(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Healthy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}/")
    assert mlflow(Paths(tmp_path)).state == "ok"
    server.shutdown()


def test_a_database_is_opened_and_a_damaged_one_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    paths = Paths(tmp_path)
    assert mlflow(paths).state == "ok"
    assert not paths.mlflow_database.exists()  # checks change nothing
    connect(Configuration("key", "title", {}, {}), paths)
    assert mlflow(paths).state == "ok"
    with monkeypatch.context() as patch:
        patch.setattr("ganaug.report.mlflow.tracking.pages_installed", lambda: False)
        found = mlflow(paths)
        assert (found.state, found.remedy) == ("note", "to see the runs: pip install 'ganaug[ui]'")
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.copy(paths.mlflow_database, moved)
    found = mlflow(Paths(moved))
    assert found.state == "note"
    assert "move the project back, or remove mlflow.db and mlruns" in found.found
    paths.mlflow_database.write_bytes(b"no database" * 1000)
    assert mlflow(paths).state == "fix"


def test_a_wrong_parameter_is_quoted(ganaug, tmp_path):
    paths = Paths(tmp_path)
    assert parameters(paths).state == "ok"
    paths.params.write_text(paths.params.read_text().replace("hinge", "hing"))
    assert "did you mean 'hinge'" in parameters(paths).found
    paths.params.unlink()
    assert parameters(paths).state == "note"


def test_a_folder_without_a_project_is_no_mistake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert project(Paths()).remedy == "to make one: ganaug new FOLDER"
    (tmp_path / "dvc.yaml").write_text("stages: {}")
    found = project(Paths())
    assert found.state == "fix"  # DVC finds no repository
    assert "dvc" in found.found.lower()
