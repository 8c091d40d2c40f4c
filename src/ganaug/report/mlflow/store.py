"""Finds, creates and fills the runs of one configuration in MLflow."""

from __future__ import annotations

import math
import re
import time as clock
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from ganaug.report.mlflow.runs.configuration import Configuration
from ganaug.report.mlflow.runs.content import Picture, Row, Time
from ganaug.report.mlflow.runs.names import curve
from ganaug.report.mlflow.runs.processes import PROCESS, this_process
from ganaug.report.mlflow.runs.tags import CONFIGURATION, KIND

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

KEY, PARENT, NAME, NOTE = "ganaug.key", "mlflow.parentRunId", "mlflow.runName", "mlflow.note.content"
TITLE = "ganaug.title"
"""Tag of a configuration's run: its title without the part that distinguishes it from others with the same title."""
WAITING = "SCHEDULED"
"""Status of a configuration's run without results: no process owns it, so none can leave it RUNNING."""
PICTURE = re.compile(r"images/(.+?)[+%]step[+%](\d+)[+%]")
"""Beginning of the paths of logged pictures in MLflow: key and step."""
BATCH = 100
"""Number of parameters or metrics sent at once: MLflow's limit for parameters."""


@dataclass(frozen=True)
class Store:
    """One experiment on a tracking server, and the runs of one configuration in it."""

    client: MlflowClient
    experiment: str
    configuration: Configuration

    def run(self, name: str, parent: str | None = None, *, time: Time | None = None) -> str:
        """Return the id of this configuration's run called `name`, creating it if necessary.

        time: when it took place; None: it starts now.
        """
        existing = self.find(name)
        if existing:
            return existing.info.run_id
        tags = {KEY: self._key(name), PROCESS: this_process()} | ({PARENT: parent} if parent else {})
        started = None if time is None else round(1000 * (time.ended - time.seconds))
        return self.client.create_run(self.experiment, start_time=started, tags=tags, run_name=name).info.run_id

    def find(self, name: str) -> Run | None:
        """Return this configuration's run called `name`, or None."""
        runs = self.client.search_runs([self.experiment], f"tags.`{KEY}` = '{self._key(name)}'", max_results=1)
        return runs[0] if runs else None

    def _key(self, name: str) -> str:
        return f"{self.configuration.key}/{name}"

    def parent(self, *, time: Time | None = None) -> str:
        """Return the id of the configuration's own run, the parent of the others. time: see `run`."""
        existing = self.find(CONFIGURATION)
        if existing:
            return existing.info.run_id
        title = self.configuration.titled(self._others())
        run = self.run(CONFIGURATION, time=time)
        self.client.update_run(run, WAITING, title)
        self.tag(run, {KIND: CONFIGURATION, TITLE: self.configuration.title})
        self.log_params(run, self.configuration.params)
        return run

    def _others(self) -> dict[str, Mapping[str, str]]:
        """Return the parameters of all configurations with the same title, by run id."""
        title = self.configuration.title.replace("'", "\\'")
        same = f"tags.{KIND} = '{CONFIGURATION}' and tags.`{TITLE}` = '{title}'"
        return {run.info.run_id: run.data.params for run in self.client.search_runs([self.experiment], same)}

    def log_params(self, run: str, params: Mapping[str, Any]) -> None:
        """Log the parameters that a run does not have yet: MLflow refuses to change existing ones."""
        from mlflow.entities import Param

        logged = self.client.get_run(run).data.params
        new = [Param(name, str(value)) for name, value in params.items() if name not in logged]
        for batch in _batches(new):
            self.client.log_batch(run, params=batch)

    def log_rows(self, run: str, rows: Sequence[Row], after: float) -> None:
        """Log the rows whose `step` is greater than `after` as curves."""
        due = [(row["step"], name, value) for row in rows if row["step"] > after for name, value in row.items()]
        self._log(run, ((curve(name), value, step) for step, name, value in due if name != "step"))

    def log_figures(self, run: str, figures: Mapping[str, float], *, others: bool = True) -> None:
        """Set figures of a run. others: False sets all its other metrics to NaN, as MLflow cannot remove them."""
        logged = self.client.get_run(run).data.metrics
        gone = {} if others else {name: math.nan for name, value in logged.items() if not math.isnan(value)}
        new = {name: value for name, value in (gone | dict(figures)).items() if logged.get(name) != value}
        self._log(run, ((name, value, 0) for name, value in new.items()))

    def _log(self, run: str, values: Iterable[tuple[str, float, float]]) -> None:
        """Log metrics: name, value and step of each."""
        from mlflow.entities import Metric

        now = round(1000 * clock.time())
        metrics = (Metric(name, value, now, int(step)) for name, value, step in values)
        for batch in _batches(metrics):
            self.client.log_batch(run, batch)

    def log_pictures(self, run: str, pictures: Sequence[Picture]) -> None:
        """Log pictures at their steps, except those that the run already has."""
        from PIL import Image

        present = self.client.list_artifacts(run, "images") if pictures else ()
        logged = {(match[1], int(match[2])) for item in present if (match := PICTURE.match(item.path))}
        for key, step, path in pictures:
            if (key, step) not in logged:
                with Image.open(path) as picture:
                    self.client.log_image(run, picture, key=key, step=step)

    def last_step(self, run: str) -> float:
        """Return the last step of a run's curves, or -1 if it has none."""
        names = self.client.get_run(run).data.metrics
        first = next((name for name in ("images", curve("loss")) if name in names), None)
        if first is None:
            return -1
        return max((metric.step for metric in self.client.get_metric_history(run, first)), default=-1)

    def end(self, run: str, time: Time | None) -> None:
        """Mark a run as finished, its duration being the time that its stages took."""
        started = self.client.get_run(run).info.start_time
        self.client.set_terminated(run, end_time=None if time is None else started + round(1000 * time.seconds))

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        """Set tags of a run."""
        from mlflow.entities import RunTag

        self.client.log_batch(run, tags=[RunTag(name, value) for name, value in tags.items()])


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the items in lists of at most BATCH."""
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
