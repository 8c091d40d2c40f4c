"""MLflow: a mirror of the stages' files. The only module that imports mlflow; nothing is ever read back by a stage.

Runs are found or created by a key, so that publishing again adds nothing, and publishing late loses nothing. What a
run is to hold is read before the server is asked: a server is forgiven whatever it raises, our own files are not.
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

import numpy as np

from ganaug.core.config import load_params, read
from ganaug.core.files import existing, read_json, read_rows
from ganaug.core.paths import ARMS, GANS, METRICS, PLOTS, PREPARED, REPORT, SECONDS, SUMMARY
from ganaug.data.images import LabelledImages
from ganaug.experiment.wording import sentences

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from ganaug.experiment.evaluate_settings import Experiment

KEY, CONTENT, PARENT, NAME = "ganaug.key", "ganaug.content", "mlflow.parentRunId", "mlflow.runName"
HEALTH, ANSWER, NOTE = "ganaug.gan.health", "ganaug.answer", "mlflow.note.content"
FLUSH_EVERY = 2.0
"""Seconds between two writes of live curves."""

Row = dict[str, float]


class Configuration(NamedTuple):
    """All parameters and the data: what a set of runs belongs to."""

    key: str
    """A digest of them."""
    name: str
    """What people see of it."""
    params: dict[str, Any]
    """params.yaml by dotted names."""


class Content(NamedTuple):
    """What one run is to hold."""

    rows: list[Row]
    figures: Mapping[str, float]
    files: Sequence[Path]
    tags: Mapping[str, str]
    digest: str
    """Of all but the tags."""


@dataclass(frozen=True)
class Store:
    """One experiment of a tracking server, and the runs of one configuration in it."""

    client: MlflowClient
    experiment: str
    configuration: Configuration

    def run(self, name: str, parent: str | None = None) -> str:
        """Return the id of the run of this configuration that is called `name`, made if there is none."""
        key = f"{self.configuration.key}/{name}"
        found = self.client.search_runs([self.experiment], f"tags.`{KEY}` = '{key}'", max_results=1)
        if found:
            return found[0].info.run_id
        tags = {KEY: key, NAME: name} | ({PARENT: parent} if parent else {})
        return self.client.create_run(self.experiment, tags=tags, run_name=name).info.run_id

    def parent(self) -> str:
        """Return the id of the configuration's own run, under which the others nest."""
        from mlflow.entities import Param

        run = self.run(self.configuration.name)
        if not self.client.get_run(run).data.params:
            params = [Param(name, str(value)) for name, value in self.configuration.params.items()]
            self.client.log_batch(run, params=params)
        return run


def connect(configuration: Configuration) -> Store:
    """Open the experiment at MLFLOW_TRACKING_URI, or in mlflow.db of the current folder.

    Raises whatever MLflow raises if the server does not answer, after a few seconds instead of its default minutes.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow
    from mlflow import MlflowClient

    for name in ("alembic", "mlflow.store.db.utils"):  # the tables of a new database are no news
        logging.getLogger(name).setLevel(logging.WARNING)
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path.cwd() / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "ganaug")
    experiment = client.get_experiment_by_name(name)
    identity = experiment.experiment_id if experiment else client.create_experiment(name)
    return Store(client, identity, configuration)


def read_configuration() -> Configuration:
    """Return this folder's configuration. Raises InputError if params.yaml or the prepared images are not in order."""
    params, source = load_params(), LabelledImages.load(PREPARED / "test").source
    key = hashlib.sha256(json.dumps([params, source], sort_keys=True).encode()).hexdigest()[:16]
    return Configuration(key, f"{read('prepare.source.name', str)} {key[:6]}", _flat(params))


class LiveGan:
    """Sends rows of a GAN's history to its run during training; a resumed training sends no step twice.

    If the server does not answer, there is one warning, and `publish` completes the run later.
    """

    def __init__(self, replicate: int) -> None:
        """Start the run of this replicate's GAN. Raises InputError as `read_configuration` does."""
        configuration = read_configuration()
        self.rows: list[Row] = []
        self.sent = time.monotonic()
        self.folder = GANS / str(replicate)
        self.store: Store | None = None
        with _forgiving("live curves"):
            store = connect(configuration)
            self.parent = store.parent()
            self.run = store.run(f"gan {replicate}", self.parent)
            self.last = _last_step(store.client, self.run)
            for run in (self.parent, self.run):
                store.client.update_run(run, "RUNNING")
            self.store = store  # only if all of this worked: a failing server is not asked again

    def add(self, row: Row) -> None:
        """Add a row. Rows are sent together, every few seconds."""
        self.rows.append(row)
        if time.monotonic() - self.sent >= FLUSH_EVERY:
            self.flush()

    def close(self, status: str) -> None:
        """Send the remaining rows and end the run as FINISHED or FAILED. If it failed, so does its parent for now."""
        self.flush()
        if self.store is not None:
            health = self.folder / "health.json"
            tags = _health(health) if health.exists() else {}  # a diverged training has one too
            with _forgiving("end of the live curves"):
                for run in (self.run, self.parent) if status == "FAILED" else (self.run,):
                    self.store.client.set_terminated(run, status)
                _tag(self.store.client, self.run, tags)

    def flush(self) -> None:
        """Send the waiting rows."""
        rows, self.rows, self.sent = self.rows, [], time.monotonic()
        if self.store is None:
            return
        store, self.store = self.store, None
        with _forgiving("live curves"):
            _log_rows(store.client, self.run, rows, self.last)
            self.store = store


def publish(experiment: Experiment) -> bool:
    """Mirror every result to MLflow; what is there already is left alone. Return whether it was possible.

    Warns, and returns False, if the server does not answer. Raises InputError if a result is not there.
    """
    contents, configuration = list(_contents(experiment)), read_configuration()
    with _forgiving("results", remedy="; publish them later with: ganaug publish"):
        store = connect(configuration)
        parent = store.parent()
        for name, content in contents:
            run = _mirror(store, name, parent, content)
            _tag(store.client, run, content.tags)
        return True
    return False


def _contents(experiment: Experiment) -> Iterator[tuple[str | None, Content]]:
    """Yield name and content of every run; name None is the configuration's own."""
    summary = read_json(SUMMARY)
    for replicate in experiment.replicates:
        folder = GANS / str(replicate)
        rows, tags = read_rows(folder / "history.csv"), _health(folder / "health.json")
        yield f"gan {replicate}", _content(rows, files=[folder], tags=tags)
    for name in experiment.arms:
        for number, replicate in enumerate(experiment.replicates):
            rows = read_rows(ARMS / name / str(replicate) / "history.csv")
            figures = {
                figure: summary["arms"][name][figure]["per_replicate"][number]
                for figure in ("accuracy", "balanced_accuracy", "macro_f1")
            }
            yield f"{name} {replicate} classifier", _content(rows, figures)
    tags = {ANSWER: summary["verdict"]["answer"], NOTE: "\n\n".join(sentences(summary))}
    files = [SUMMARY, SECONDS, REPORT, PLOTS, PREPARED / "card.json"]
    yield None, _content([], _flat(read_json(METRICS)), files, tags)


def _content(
    rows: list[Row], figures: Mapping[str, float] = {}, files: Sequence[Path] = (), tags: Mapping[str, str] = {}
) -> Content:
    """Return what a run is to hold. Raises InputError if one of `files`, which may be folders, is not there."""
    digest = hashlib.sha256(json.dumps([rows, figures]).encode())
    for path in map(existing, files):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.read_bytes())
    return Content(rows, figures, files, tags, digest.hexdigest())


def _health(path: Path) -> dict[str, str]:
    """Return what a GAN's run is to say of its health.json, as tags."""
    found = read_json(path)["findings"]
    tags = {HEALTH: ", ".join(finding["name"] for finding in found) or "no finding"}
    if found:
        tags[NOTE] = "\n\n".join(f"**{one['name']}**: {one['seen']}. Try: {one['remedy']}." for one in found)
    return tags


def _tag(client: MlflowClient, run: str, tags: Mapping[str, str]) -> None:
    for name, value in tags.items():
        client.set_tag(run, name, value)


def _mirror(store: Store, name: str | None, parent: str, content: Content) -> str:
    """Bring one run to what `content` says, tags aside, if it is not there yet, and return its id.

    name None is the parent.
    """
    run = parent if name is None else store.run(name, parent)
    known = store.client.get_run(run).data.tags.get(CONTENT)
    if known == content.digest:
        return run
    rows = content.rows
    if name is not None and (known or not _begins(store.client, run, rows)):  # of other code, or with a hole
        store.client.delete_run(run)
        run = store.run(name, parent)
    _log_rows(store.client, run, rows, _last_step(store.client, run))
    _log_rows(store.client, run, [{"step": 0, **content.figures}], -1)
    for path in content.files:
        if path.is_dir():
            store.client.log_artifacts(run, str(path), path.name if name is None else None)
        else:
            store.client.log_artifact(run, str(path))
    store.client.set_tag(run, CONTENT, content.digest)
    store.client.set_terminated(run)
    return run


def _begins(client: MlflowClient, run: str, rows: list[Row]) -> bool:
    """Tell whether the curves that a run has so far are the beginning of `rows`."""
    curve = list(rows[0])[-1]
    logged = sorted((metric.step, metric.value) for metric in client.get_metric_history(run, curve))
    wanted = [(row["step"], row[curve]) for row in rows[: len(logged)]]
    return len(wanted) == len(logged) and bool(np.allclose(logged, wanted, atol=1e-5))  # files hold six digits


def _log_rows(client: MlflowClient, run: str, rows: list[Row], after: float) -> None:
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [
        Metric(name, value, now, int(row["step"]))
        for row in rows
        if row["step"] > after
        for name, value in row.items()
        if name != "step"
    ]
    client.log_batch(run, metrics)


def _last_step(client: MlflowClient, run: str) -> float:
    """Return the last step in the run's curves, -1 if there are none."""
    names = client.get_run(run).data.metrics
    curve = next((name for name in ("images", "loss") if name in names), None)
    return max((metric.step for metric in client.get_metric_history(run, curve)), default=-1) if curve else -1


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return {"a.b": value} for {"a": {"b": value}}; lists become text."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            name = re.sub(r"[^\w.\- :/]", "_", f"{prefix}{key}", flags=re.ASCII)  # all that MLflow takes
            flat[name] = value if isinstance(value, int | float) else str(value)
    return flat


@contextmanager
def _forgiving(what: str, remedy: str = "") -> Iterator[None]:
    """Turn any failure of the tracking server into a warning: the files are the truth, MLflow is a mirror."""
    try:
        yield
    except Exception as error:  # the server is somebody else's: whatever it raises must not cost a result
        first = next(iter(str(error).splitlines()), type(error).__name__)
        print(f"warning: MLflow does not take the {what} ({first[:200]}){remedy}", flush=True)
