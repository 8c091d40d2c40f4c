"""Sends the results of all stages to MLflow.

All results are read before the server is contacted: a missing result is an error, which the user can fix; a failing
server is only a warning.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.files import existing, read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.verdict import doubts
from ganaug.experiment.wording import sentences
from ganaug.report.tracking import NOTE, Row, Store, connect, flat, forgiving, health_tags, read_configuration

CONTENT, ANSWER, DOUBTS, PRETRAINED = "ganaug.content", "ganaug.answer", "ganaug.doubts", "ganaug.pretrained"


class Content(NamedTuple):
    """What one run should hold."""

    rows: Sequence[Row]
    figures: Mapping[str, float]
    files: Sequence[Path]
    tags: Mapping[str, str]
    digest: str
    """Hash of everything but the tags."""


def publish(experiment: Experiment, params: ParamsFile, paths: Paths) -> bool:
    """Mirror all results to MLflow, without touching what is already there. Return whether that succeeded.

    Warns, and returns False, if the server does not answer. Raises InputError if a result is missing.
    """
    contents, configuration = list(_contents(experiment, paths)), read_configuration(params, paths)
    with forgiving("results", remedy="; publish them later with: ganaug publish"):
        store = connect(configuration, paths)
        parent = store.parent()
        for name, content in contents:
            run = _mirror(store, name, parent, content)
            store.tag(run, content.tags)
        return True
    return False


def _contents(experiment: Experiment, paths: Paths) -> Iterator[tuple[str | None, Content]]:
    """Yield name and content of every run; the name is None for the configuration's own run."""
    summary = read_json(paths.summary)
    for replicate in experiment.replicates:
        folder = paths.gan(replicate)
        rows, tags = read_rows(folder / "history.csv"), health_tags(folder / "health.json")
        yield f"gan {replicate}", _content(rows, files=[folder], tags=tags)
    for name in experiment.arms:
        for number, replicate in enumerate(experiment.replicates):
            rows = read_rows(paths.arm(name, replicate) / "history.csv")
            figures = flat(
                {metric: summary["arms"][name][metric]["per_replicate"][number] for metric in summary["metrics"]}
            )
            yield f"{name} {replicate} classifier", _content(rows, figures)
    tags = {
        ANSWER: summary["verdict"]["answer"],
        DOUBTS: ", ".join(summary.get("doubts", {})) or "no finding",
        NOTE: "\n\n".join([*sentences(summary), *doubts(summary)]),
    }
    if "pretrained" in summary:
        tags[PRETRAINED] = summary["pretrained"]["sha256"]
    files = [paths.params, paths.summary, paths.seconds, paths.report, paths.plots, paths.data_card]
    figures = flat(read_json(paths.metrics)) | flat({"gains": _gains(summary)})
    yield None, _content([], figures, files, tags)


def _gains(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return each arm's gain in each metric, with its interval if there is one."""
    return {
        arm: {
            metric: {part: gains[metric][part] for part in ("mean", "low", "high") if gains[metric][part] is not None}
            for metric in summary["metrics"]
        }
        for arm, gains in summary["gains"].items()
    }


def _content(
    rows: Sequence[Row], figures: Mapping[str, float] = {}, files: Sequence[Path] = (), tags: Mapping[str, str] = {}
) -> Content:
    """Return what a run should hold. Raises InputError if one of `files`, which may be folders, is missing."""
    digest = hashlib.sha256(json.dumps([rows, figures]).encode())
    for path in map(existing, files):
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(file.read_bytes())
    return Content(rows, figures, files, tags, digest.hexdigest())


def _mirror(store: Store, name: str | None, parent: str, content: Content) -> str:
    """Make one run hold `content`, except for its tags, and return the run's id. name: None for `parent` itself."""
    run = parent if name is None else store.run(name, parent)
    known = store.client.get_run(run).data.tags.get(CONTENT)
    if known == content.digest:
        return run
    rows = content.rows
    if name is not None and (known or not _begins(store, run, rows)):  # from other code, or with a gap
        store.client.delete_run(run)
        run = store.run(name, parent)
    store.log_rows(run, rows, store.last_step(run))
    store.log_rows(run, [{"step": 0, **content.figures}], -1)
    for path in content.files:
        if path.is_dir():
            store.client.log_artifacts(run, str(path), path.name if name is None else None)
        else:
            store.client.log_artifact(run, str(path))
    store.client.set_tag(run, CONTENT, content.digest)
    store.client.set_terminated(run)
    return run


def _begins(store: Store, run: str, rows: Sequence[Row]) -> bool:
    """Return whether the curves that a run has so far match the first of `rows`."""
    curve = list(rows[0])[-1]
    logged = sorted((metric.step, metric.value) for metric in store.client.get_metric_history(run, curve))
    wanted = [(row["step"], row[curve]) for row in rows[: len(logged)]]
    return len(wanted) == len(logged) and bool(np.allclose(logged, wanted, atol=1e-5))  # files hold six digits
