"""Connects to MLflow: one experiment, with a run for each configuration and further runs nested in it.

    python -m ganaug.report.mlflow.tracking

opens the experiment and the configuration's own run.

MLflow mirrors the stages' files, and no stage ever reads it back. Runs are found or created by a key, so publishing
again adds nothing, and publishing late loses nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError, first_line
from ganaug.core.messages import warn
from ganaug.core.paths import HERE, Paths
from ganaug.report.mlflow.database import make_database
from ganaug.report.mlflow.runs.configuration import Configuration, read_configuration
from ganaug.report.mlflow.runs.processes import PROCESS, is_gone
from ganaug.report.mlflow.runs.view import CONFIGURATIONS, EXPERIMENT_KIND, VIEWS, View, link
from ganaug.report.mlflow.store import NOTE, Store

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOCAL_PAGES = "http://127.0.0.1:5000"
"""Where `ganaug ui` shows the project's own database."""

ABOUT = (
    "One row for each configuration of data, GAN and classifiers: ganaug trains classifiers with and without the GAN's "
    "images and says whether these help.\n\n"
    "* `answer` is the verdict; `gain` is what the best arm with the GAN gains over the best arm without, with its "
    "interval `gain/low` to `gain/high`; `score` is what both reach on the test images, by the metric in `metric`.\n"
    "* Each row contains a run for each GAN, and one for each arm's classifiers in each replicate.\n"
    "* A run's description explains how to get its data and models back."
)
"""The experiment's description."""


def connect(configuration: Configuration, paths: Paths) -> Store:
    """Open the experiment at MLFLOW_TRACKING_URI, or in the project's own database.

    Raises InputError if the project has been moved since its database was made. Passes on whatever MLflow raises if
    the server does not answer, after seconds instead of MLflow's default of minutes.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    from mlflow import MlflowClient

    for name in ("alembic", "mlflow.store.db.utils"):  # silenced, as they report every table that they create
        logging.getLogger(name).setLevel(logging.WARNING)
    server = os.environ.get("MLFLOW_TRACKING_URI")
    if not server:
        make_database(paths.mlflow_database)
    client = MlflowClient(tracking_uri(paths))
    artifacts = None if server else paths.mlflow_artifacts.absolute().as_uri()
    experiment = client.get_experiment_by_name(_experiment_name())
    if experiment:
        if artifacts:
            _check_place(experiment.artifact_location, paths)
        number = experiment.experiment_id
        _end_killed_runs(client, number)
    else:
        number = client.create_experiment(_experiment_name(), artifacts)
    return Store(client, number, configuration)


def _experiment_name() -> str:
    return os.environ.get("MLFLOW_EXPERIMENT_NAME", "ganaug")


def _check_place(artifacts: str, paths: Paths) -> None:
    """Raise InputError if the project's own database keeps its files in another folder than the project's."""
    if artifacts != paths.mlflow_artifacts.absolute().as_uri():
        raise InputError(
            f"{paths.mlflow_database} has its files in {artifacts}, but the project is in {paths.root.absolute()} now; "
            f"move the project back, or remove {paths.mlflow_database.name} and {paths.mlflow_artifacts.name} and "
            f"recreate them with: ganaug publish"
        )


def describe_experiment(store: Store) -> None:
    """Set the experiment's description in MLflow, and the views of its run table."""
    current = store.client.get_experiment(store.experiment).tags
    tags = {NOTE: ABOUT, **EXPERIMENT_KIND} | dict(view.tag for view in VIEWS)
    for name, value in tags.items():
        if current.get(name) != value:
            store.client.set_experiment_tag(store.experiment, name, value)


def pages(experiment: str, view: View = CONFIGURATIONS) -> str:
    """Return the address of the run table in MLflow's pages. experiment: its id."""
    return link(server() or LOCAL_PAGES, experiment, view)


def how_to_see(experiment: str) -> str:
    """Return a line that says how to see the run table: its address, and how to open MLflow's pages there."""
    return f"MLflow: {pages(experiment)}" if server() else f"MLflow: {pages_opened_by()}, then {pages(experiment)}"


def pages_opened_by() -> str:
    """Return how to open MLflow's pages: the server's address, or commands that show the project's own database."""
    install = "" if pages_installed() else "pip install 'ganaug[ui]', then "
    return server() or f"{install}ganaug ui"


def pages_installed() -> bool:
    """Return whether MLflow's pages are installed: mlflow-skinny, which records runs, comes without them."""
    return find_spec("flask") is not None


def print_address(paths: Paths) -> None:
    """Print where MLflow shows the project's runs, or a warning if the server does not answer."""
    with forgiving("request for the address of its pages"):
        if os.environ.get("MLFLOW_TRACKING_URI"):
            experiment = connect(read_configuration(ParamsFile.load(paths.params), paths), paths).experiment
        else:
            experiment = own_experiment(paths)
        print(how_to_see(experiment), flush=True)


def own_experiment(paths: Paths) -> str:
    """Return the id of the experiment in the project's own database, without mlflow, which takes seconds to import.

    Raises InputError if there is none, or if the project has been moved.
    """
    import sqlite3

    experiment, place = None, paths.mlflow_database.absolute()
    if place.exists():
        with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro", uri=True)) as database:
            query = "SELECT experiment_id, artifact_location FROM experiments WHERE name = ?"
            experiment = database.execute(query, (_experiment_name(),)).fetchone()
    if experiment is None:
        raise InputError("MLflow does not have these results; send them to it with: ganaug publish")
    _check_place(experiment[1], paths)
    return str(experiment[0])


def _end_killed_runs(client: MlflowClient, experiment: str) -> None:
    """Mark runs as killed if their process ended without finishing them."""
    for run in client.search_runs([experiment], "attributes.status = 'RUNNING'"):
        if is_gone(run.data.tags.get(PROCESS, "")):
            client.set_terminated(run.info.run_id, "KILLED")


def server() -> str | None:
    """Return the address of the tracking server that MLFLOW_TRACKING_URI names; None if it names no server."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    return uri if uri.startswith("http") else None


def tracking_uri(paths: Paths) -> str:
    """Return where runs are kept: the server at MLFLOW_TRACKING_URI, or the project's own database."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{paths.mlflow_database.absolute()}"


def download(uri: str, paths: Paths) -> Path:
    """Return a local copy of MLflow artifacts, such as runs:/<id>/<folder> or models:/<name>/<version>.

    Raises InputError if they are not available.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    tracking = tracking_uri(paths)
    try:
        return Path(download_artifacts(artifact_uri=uri, tracking_uri=tracking))
    except (MlflowException, OSError) as error:
        raise InputError(f"{uri}: MLflow cannot find it at {tracking}: {error}") from None


def open_runs(paths: Paths) -> None:
    """Create the database, the experiment and the configuration's own run, before stages side by side each try to."""
    with forgiving("start of the run"):
        connect(read_configuration(ParamsFile.load(paths.params), paths), paths).parent()


@contextmanager
def forgiving(what: str, remedy: str = "") -> Iterator[None]:
    """Turn any failure of the tracking server into a warning: the files are authoritative, MLflow only mirrors them."""
    try:
        yield
    except InputError as error:
        warn(str(error))
    except Exception as error:  # the server is outside our control: whatever it raises must not cost a result
        warn(f"MLflow did not accept the {what} ({first_line(error)[:200]}){remedy}")


if __name__ == "__main__":
    open_runs(HERE)
