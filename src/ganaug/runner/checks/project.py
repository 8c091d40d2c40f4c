"""Checks the project: its stages, its parameters, and where its runs are logged."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ganaug.core.errors import InputError, first_line
from ganaug.core.paths import Paths
from ganaug.runner.checks.check import Check

PATIENCE = 5
"""Seconds that a server may take to answer."""


def project_checks(paths: Paths) -> Iterator[Check]:
    """Yield the results of the project checks, which change nothing."""
    yield project(paths)
    yield parameters(paths)
    yield mlflow(paths)


def project(paths: Paths) -> Check:
    """Check that DVC can read the project in this folder."""
    from ganaug.runner.graph import open_project

    if not (paths.root / "dvc.yaml").exists():
        return Check("project", "note", f"none in {paths.root.absolute()}", "to make one: ganaug new FOLDER")
    try:
        with open_project() as opened:
            return Check("project", "ok", f"{len(opened.parents)} stages")
    except InputError as error:
        return Check("project", "fix", error.shown, "fix this, then: ganaug doctor")


def parameters(paths: Paths) -> Check:
    """Check that params.yaml is valid."""
    from ganaug.core.config import ParamsFile
    from ganaug.experiment.params import check_params

    if not paths.params.exists():
        return Check("params.yaml", "note", "none in this folder")
    try:
        check_params(ParamsFile.load(paths.params))
    except InputError as error:
        return Check("params.yaml", "fix", error.shown, "fix it, then: ganaug check")
    return Check("params.yaml", "ok", "valid; `ganaug check` also reads the data")


def mlflow(paths: Paths) -> Check:
    """Check that MLflow's server or database answers, and that its pages are installed."""
    from ganaug.report.mlflow.tracking import own_experiment, pages_installed

    server, database = os.environ.get("MLFLOW_TRACKING_URI"), paths.mlflow_database
    if not server and not database.exists():
        return Check("MLflow", "ok", f"{database}, which the first run creates")
    place = server or f"sqlite:///{database.absolute()}"
    shown = re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", place)
    try:
        _ask(place)
    except Exception as error:  # whatever a server or a database may raise
        remedy = "start it, or unset MLFLOW_TRACKING_URI" if server else f"remove {database}, then: ganaug publish"
        return Check("MLflow", "fix", f"{shown} does not answer: {first_line(error)}", remedy)
    if not server:
        try:
            own_experiment(paths)
        except InputError as error:
            return Check("MLflow", "note", error.shown)
    if not server and not pages_installed():
        return Check(
            "MLflow", "note", f"{shown}; its pages are not installed", "to see the runs: pip install 'ganaug[ui]'"
        )
    return Check("MLflow", "ok", shown)


def _ask(place: str) -> None:
    """Raise an exception unless a server or database answers. Neither is changed."""
    from urllib.request import urlopen

    if place.startswith(("http://", "https://")):
        urlopen(f"{place.rstrip('/')}/health", timeout=PATIENCE).close()
        return
    from sqlalchemy import create_engine, text  # MLflow's own

    with create_engine(place).connect() as connection:
        connection.execute(text("SELECT version_num FROM alembic_version"))
