"""Fixtures for the tests of MLflow."""

import shutil

import mlflow_project
import pytest

from ganaug.core.paths import Paths


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A database of MLflow's with empty tables, which take seconds to create."""
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("database") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def paths(tmp_path, monkeypatch, empty_database) -> Paths:
    """A project folder with an empty MLflow store."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    found = mlflow_project.project(tmp_path)
    shutil.copy(empty_database, found.mlflow_database)
    return found


@pytest.fixture
def results(paths) -> None:
    """Everything that is published about one replicate's GAN and two arms."""
    mlflow_project.results(paths)
