"""Fixtures for the tests of MLflow."""

import mlflow_project
import pytest

from ganaug.core.paths import Paths


@pytest.fixture
def paths(tmp_path, monkeypatch) -> Paths:
    """A project folder with an empty MLflow store."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return mlflow_project.project(tmp_path)


@pytest.fixture
def results(paths) -> None:
    """All that is published of one replicate's GAN and two arms."""
    mlflow_project.results(paths)
