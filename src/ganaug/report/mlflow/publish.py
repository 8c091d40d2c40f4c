"""Sends the results of all stages to MLflow.

All results are read before the server is contacted: a missing result is an error, which the user can fix; a failing
server is only a warning.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.summary.reader import read_summary
from ganaug.report.mlflow.inputs import log_inputs
from ganaug.report.mlflow.models.offers import offers
from ganaug.report.mlflow.models.registry import register
from ganaug.report.mlflow.runs.configuration import read_configuration
from ganaug.report.mlflow.runs.configuration_run import configuration_content, in_words
from ganaug.report.mlflow.runs.content import Content, Row
from ganaug.report.mlflow.runs.names import curve
from ganaug.report.mlflow.runs.nested_runs import gan_name, health_in_words, nested_contents
from ganaug.report.mlflow.runs.provenance import (
    LOCK,
    commit_of,
    digest,
    how_to_get_back,
    lock_before_evaluation,
    provenance_tags,
)
from ganaug.report.mlflow.runs.tags import CONFIGURATION
from ganaug.report.mlflow.store import NOTE, Store
from ganaug.report.mlflow.tracking import connect, describe_experiment, forgiving, how_to_see

CONTENT = "ganaug.content"
"""Tag of a run: digest of its content."""


def publish(experiment: Experiment, params: ParamsFile, paths: Paths) -> bool:
    """Mirror all results to MLflow, except those already there. Return whether that succeeded.

    Prints where to see them. Warns, and returns False, if the server does not answer. Raises InputError if a result is
    missing.
    """
    configuration = read_configuration(params, paths)
    whole = configuration_content(experiment, configuration.settings, paths)
    nested = dict(nested_contents(experiment, params, paths))
    notes = {gan_name(number): health_in_words(paths.gan(number) / "health.json") for number in experiment.replicates}
    answer, offered = in_words(read_summary(paths.summary)), offers(experiment, paths)
    with forgiving("results", remedy="; publish them later with: ganaug publish"):
        store = connect(configuration, paths)
        describe_experiment(store)
        parent = store.parent(time=whole.time)
        title, runs = store.client.get_run(parent).info.run_name, {}
        for name, content in nested.items():
            runs[name] = mirror(store, name, parent, content)
            note = {NOTE: notes[name]} if name in notes else {}
            store.tag(runs[name], {**content.tags, CONFIGURATION: title, **note})
        _publish_configuration(store, parent, whole, answer, paths)
        for offer in offered:
            for line in register(store.client, store.experiment, runs[offer.run], offer):
                print(line, flush=True)
        print(how_to_see(store.experiment), flush=True)
        return True
    return False


def _publish_configuration(store: Store, run: str, content: Content, answer: str, paths: Paths) -> None:
    """Mirror a configuration's own run, and record where its results come from."""
    before = store.client.get_run(run).data.tags
    mirror(store, None, run, content)
    store.tag(run, content.tags)
    if before.get(CONTENT) != content.digest:  # later, other code may be checked out
        commit = commit_of(paths.root)
        store.tag(run, provenance_tags(commit) | {NOTE: f"{answer}\n\n{how_to_get_back(run, commit)}"})
    lock = lock_before_evaluation(paths)
    if lock is not None and digest(lock) != before.get(LOCK):
        store.client.log_text(run, lock, paths.lock.name)
        store.tag(run, {LOCK: digest(lock)})


def mirror(store: Store, name: str | None, parent: str, content: Content) -> str:
    """Make a run hold `content`, except for its tags, and return the run's id. name: None for `parent` itself."""
    run = parent if name is None else store.run(name, parent, time=content.time)
    published = store.client.get_run(run).data.tags.get(CONTENT)
    if published == content.digest:
        return run
    if name is not None and (published or not _begins(store, run, content.rows)):  # other results, or a gap
        store.client.delete_run(run)
        run = store.run(name, parent, time=content.time)
    store.log_params(run, content.params)
    store.log_rows(run, content.rows, store.last_step(run))
    store.log_figures(run, content.figures, others=name is not None)
    for path in content.files:
        if path.is_dir():
            store.client.log_artifacts(run, str(path), path.name)
        else:
            store.client.log_artifact(run, str(path))
    store.log_pictures(run, content.pictures)
    log_inputs(store.client, run, content.data)
    store.tag(run, {CONTENT: content.digest})
    store.end(run, content.time)
    return run


def _begins(store: Store, run: str, rows: Sequence[Row]) -> bool:
    """Return whether the curves that a run has so far match the beginning of `rows`."""
    if not rows:
        return True
    column = list(rows[0])[-1]
    logged = sorted((metric.step, metric.value) for metric in store.client.get_metric_history(run, curve(column)))
    wanted = [(row["step"], row[column]) for row in rows[: len(logged)]]
    return len(wanted) == len(logged) and bool(np.allclose(logged, wanted, atol=1e-5))  # files hold six digits
