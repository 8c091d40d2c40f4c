"""MLflow's database in a project's folder is either complete or absent."""

import os
import signal
import subprocess
import sys

import pytest

from ganaug.core.paths import Paths
from ganaug.report.mlflow import database
from ganaug.report.mlflow.database import make_database
from ganaug.report.mlflow.tracking import Configuration, connect

KILLED_WHILE_TABLES_ARE_MADE = """
import os, signal
import alembic.operations
from ganaug.core.paths import Paths
from ganaug.report.mlflow.tracking import Configuration, connect

alembic.operations.Operations.batch_alter_table = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
connect(Configuration("key", "title", {}, {}), Paths())
"""


def test_whoever_is_killed_while_tables_are_made_spoils_no_later_run(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    code = [sys.executable, "-c", KILLED_WHILE_TABLES_ARE_MADE]
    assert subprocess.run(code, cwd=tmp_path, env=os.environ, check=False).returncode == -signal.SIGKILL
    paths = Paths(tmp_path)
    assert not paths.mlflow_database.exists()
    found = connect(Configuration("key", "title", {}, {}), paths)
    assert found.client.get_experiment_by_name("ganaug").experiment_id == found.experiment


@pytest.mark.parametrize("links", [True, False])
def test_of_two_at_once_the_first_one_s_is_kept(tmp_path, monkeypatch, empty_database, links):
    path, made = tmp_path / "mlflow.db", []

    class Slow:
        def __init__(self, uri):
            self.file = uri.removeprefix("sqlite:///")

        def search_experiments(self):
            made.append(self.file)
            database.shutil.copyfile(empty_database, self.file)
            if len(made) > 1:
                path.write_bytes(b"of another process")

    def refuse(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr("mlflow.MlflowClient", Slow)
    if not links:
        monkeypatch.setattr(os, "link", refuse)
    make_database(path)
    assert path.read_bytes() == empty_database.read_bytes()
    make_database(path)
    assert len(made) == 1
    path.unlink()
    make_database(path)
    assert path.read_bytes() == b"of another process"
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]
