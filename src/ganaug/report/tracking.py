"""MLflow: one experiment, with a run for each configuration and runs nested in it. Only this module imports mlflow.

    python -m ganaug.report.tracking

opens the experiment and the configuration's own run.

MLflow mirrors the stages' files, and no stage ever reads it back. Runs are found or created by a key, so publishing
again adds nothing, and publishing late loses nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import read_json
from ganaug.core.paths import HERE, Paths
from ganaug.data.images import LabelledImages

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEY, PARENT, NAME = "ganaug.key", "mlflow.parentRunId", "mlflow.runName"
HEALTH, NOTE = "ganaug.health", "mlflow.note.content"

LONGEST_NAME = 250
"""Characters of a parameter's name in MLflow."""

Row = Mapping[str, float]


class Configuration(NamedTuple):
    """Parameters and data that a set of runs belongs to."""

    key: str
    """Hash of parameters and data."""
    name: str
    """Display name of the configuration's own run."""
    params: dict[str, Any]
    """params.yaml by dotted names."""


@dataclass(frozen=True)
class Store:
    """One experiment on a tracking server, and the runs of one configuration in it."""

    client: MlflowClient
    experiment: str
    configuration: Configuration

    def run(self, name: str, parent: str | None = None) -> str:
        """Return the id of this configuration's run called `name`, creating it if necessary."""
        key = f"{self.configuration.key}/{name}"
        runs = self.client.search_runs([self.experiment], f"tags.`{KEY}` = '{key}'", max_results=1)
        if runs:
            return runs[0].info.run_id
        tags = {KEY: key, NAME: name} | ({PARENT: parent} if parent else {})
        return self.client.create_run(self.experiment, tags=tags, run_name=name).info.run_id

    def parent(self) -> str:
        """Return the id of the configuration's own run, in which the others nest."""
        from mlflow.entities import Param

        run = self.run(self.configuration.name)
        if not self.client.get_run(run).data.params:
            params = [Param(name, str(value)) for name, value in self.configuration.params.items()]
            self.client.log_batch(run, params=params)
        return run

    def log_rows(self, run: str, rows: Sequence[Row], after: float) -> None:
        """Log the rows whose `step` is greater than `after` as metrics."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [
            Metric(name, value, now, int(row["step"]))
            for row in rows
            if row["step"] > after
            for name, value in row.items()
            if name != "step"
        ]
        self.client.log_batch(run, metrics)

    def last_step(self, run: str) -> float:
        """Return the last step of a run's curves, -1 if it has none."""
        names = self.client.get_run(run).data.metrics
        curve = next((name for name in ("images", "loss") if name in names), None)
        if curve is None:
            return -1
        return max((metric.step for metric in self.client.get_metric_history(run, curve)), default=-1)

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        """Set tags of a run."""
        for name, value in tags.items():
            self.client.set_tag(run, name, value)


def connect(configuration: Configuration, paths: Paths) -> Store:
    """Open the experiment at MLFLOW_TRACKING_URI, or in the project's own database.

    Raises InputError if the project has been moved since its database was made; whatever MLflow raises if the server
    does not answer, after seconds instead of MLflow's default of minutes.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow import MlflowClient

    for name in ("alembic", "mlflow.store.db.utils"):  # they would report every table that they create
        logging.getLogger(name).setLevel(logging.WARNING)
    server = os.environ.get("MLFLOW_TRACKING_URI")
    client = MlflowClient(_tracking_uri(paths))
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "ganaug")
    artifacts = None if server else paths.mlflow_artifacts.absolute().as_uri()
    experiment = client.get_experiment_by_name(name)
    if experiment:
        if artifacts and experiment.artifact_location != artifacts:
            raise InputError(
                f"{paths.mlflow_database} has its files in {experiment.artifact_location}, but the project is in "
                f"{paths.root.absolute()} now; move the project back, or remove {paths.mlflow_database.name} and "
                f"{paths.mlflow_artifacts.name} and recreate them with: ganaug publish"
            )
        return Store(client, experiment.experiment_id, configuration)
    return Store(client, client.create_experiment(name, artifacts), configuration)


def _tracking_uri(paths: Paths) -> str:
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{paths.mlflow_database.absolute()}"


def download(uri: str, paths: Paths) -> Path:
    """Return a local copy of artifacts of MLflow's, such as runs:/<id>/<folder> or models:/<name>/<version>.

    Raises InputError if they cannot be had.
    """
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    tracking = _tracking_uri(paths)
    try:
        return Path(download_artifacts(artifact_uri=uri, tracking_uri=tracking))
    except (MlflowException, OSError) as error:
        raise InputError(f"{uri}: MLflow cannot find it at {tracking}: {error}") from None


def open_runs(paths: Paths) -> None:
    """Create the store, the experiment and the configuration's own run, which stages side by side would all create."""
    with forgiving("start of the run"):
        connect(read_configuration(ParamsFile.load(paths.params), paths), paths).parent()


def read_configuration(params: ParamsFile, paths: Paths) -> Configuration:
    """Return a project's configuration. Raises InputError if params.yaml or the prepared images are unusable."""
    source = LabelledImages.load(paths.test).source
    key = hashlib.sha256(json.dumps([params.content, source], sort_keys=True).encode()).hexdigest()[:16]
    return Configuration(key, f"{params.section('prepare.source.name', str)} {key[:6]}", flat(params.content))


def health_tags(path: Path) -> dict[str, str]:
    """Return the findings in a GAN's health.json as tags of its run."""
    findings = read_json(path)["findings"]
    tags = {HEALTH: ", ".join(finding["name"] for finding in findings) or "no finding"}
    if findings:
        notes = (f"**{finding['name']}**: {finding['seen']}. Try: {finding['remedy']}." for finding in findings)
        tags[NOTE] = "\n\n".join(notes)
    return tags


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return {"a.b": value} for {"a": {"b": value}}; lists become text."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[_allowed(f"{prefix}{key}")] = value if isinstance(value, int | float) else str(value)
    return leaves


def _allowed(name: str) -> str:
    """Return a name that MLflow accepts, another one for every name: other characters become :hexadecimal:."""
    escaped = re.sub(r"[^\w.\- ]", lambda match: f":{ord(match[0]):x}:", name, flags=re.ASCII)
    if len(escaped) <= LONGEST_NAME:
        return escaped
    digest = hashlib.sha256(escaped.encode()).hexdigest()[:16]
    return f"{escaped[: LONGEST_NAME - len(digest) - 1]}:{digest}"


@contextmanager
def forgiving(what: str, remedy: str = "") -> Iterator[None]:
    """Turn any failure of the tracking server into a warning: the files are authoritative, MLflow only mirrors them."""
    try:
        yield
    except InputError as error:
        print(f"warning: {error}", flush=True)
    except Exception as error:  # the server is outside our control: whatever it raises must not cost a result
        first = next(iter(str(error).splitlines()), type(error).__name__)
        print(f"warning: MLflow did not accept the {what} ({first[:200]}){remedy}", flush=True)


if __name__ == "__main__":
    open_runs(HERE)
