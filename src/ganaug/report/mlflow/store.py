"""The runs of one configuration in MLflow: found by a key or created, and filled."""

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
"""Tag of a configuration's run: its title without what distinguishes it from others of the same title."""
WAITING = "SCHEDULED"
"""Status of a configuration's run without results: no process owns it, so that none can leave it RUNNING."""
PICTURE = re.compile(r"images/(.+?)[+%]step[+%](\d+)[+%]")
"""Beginning of the paths at which MLflow keeps logged pictures: key and step."""
BATCH = 100
"""Parameters or metrics sent at once; MLflow takes no more parameters."""


@dataclass(frozen=True)
class Store:
    """One experiment on a tracking server, and the runs of one configuration in it."""

    client: MlflowClient
    experiment: str
    configuration: Configuration

    def run(self, name: str, parent: str | None = None, *, time: Time | None = None) -> str:
        """Return the id of this configuration's run called `name`, creating it if necessary.

        time: when it took place; None: it begins now.
        """
        found = self.find(name)
        if found:
            return found.info.run_id
        tags = {KEY: self._key(name), PROCESS: this_process()} | ({PARENT: parent} if parent else {})
        started = None if time is None else round(1000 * (time.ended - time.seconds))
        return self.client.create_run(self.experiment, start_time=started, tags=tags, run_name=name).info.run_id

    def find(self, name: str) -> Run | None:
        """Return this configuration's run called `name`, if there is one."""
        runs = self.client.search_runs([self.experiment], f"tags.`{KEY}` = '{self._key(name)}'", max_results=1)
        return runs[0] if runs else None

    def _key(self, name: str) -> str:
        return f"{self.configuration.key}/{name}"

    def parent(self, *, time: Time | None = None) -> str:
        """Return the id of the configuration's own run, in which the others nest. time: see `run`."""
        found = self.find(CONFIGURATION)
        if found:
            return found.info.run_id
        title = self.configuration.titled(self._others())
        run = self.run(CONFIGURATION, time=time)
        self.client.update_run(run, WAITING, title)
        self.tag(run, {KIND: CONFIGURATION, TITLE: self.configuration.title})
        self.log_params(run, self.configuration.params)
        return run

    def _others(self) -> dict[str, Mapping[str, str]]:
        """Return the parameters of all configurations of the same title, by run."""
        wanted = self.configuration.title.replace("'", "\\'")
        same = f"tags.{KIND} = '{CONFIGURATION}' and tags.`{TITLE}` = '{wanted}'"
        return {run.info.run_id: run.data.params for run in self.client.search_runs([self.experiment], same)}

    def log_params(self, run: str, params: Mapping[str, Any]) -> None:
        """Log those parameters of a run that it does not have yet: MLflow refuses to change any."""
        from mlflow.entities import Param

        known = self.client.get_run(run).data.params
        new = [Param(name, str(value)) for name, value in params.items() if name not in known]
        for some in _batches(new):
            self.client.log_batch(run, params=some)

    def log_rows(self, run: str, rows: Sequence[Row], after: float) -> None:
        """Log the rows whose `step` is greater than `after` as curves."""
        due = [(row["step"], name, value) for row in rows if row["step"] > after for name, value in row.items()]
        self._log(run, ((curve(name), value, step) for step, name, value in due if name != "step"))

    def log_figures(self, run: str, figures: Mapping[str, float], *, others: bool = True) -> None:
        """Set figures of a run. others: False to make all of its other metrics NaN, as MLflow removes none."""
        known = self.client.get_run(run).data.metrics
        gone = {} if others else {name: math.nan for name, value in known.items() if not math.isnan(value)}
        self._log(run, ((name, value, 0) for name, value in (gone | dict(figures)).items() if known.get(name) != value))

    def _log(self, run: str, values: Iterable[tuple[str, float, float]]) -> None:
        """Log metrics: name, value and step of each."""
        from mlflow.entities import Metric

        now = round(1000 * clock.time())
        metrics = (Metric(name, value, now, int(step)) for name, value, step in values)
        for some in _batches(metrics):
            self.client.log_batch(run, some)

    def log_pictures(self, run: str, pictures: Sequence[Picture]) -> None:
        """Log pictures at steps, except those that the run has."""
        from PIL import Image

        present = self.client.list_artifacts(run, "images") if pictures else ()
        known = {(found[1], int(found[2])) for item in present if (found := PICTURE.match(item.path))}
        for key, step, path in pictures:
            if (key, step) not in known:
                with Image.open(path) as picture:
                    self.client.log_image(run, picture, key=key, step=step)

    def last_step(self, run: str) -> float:
        """Return the last step of a run's curves, -1 if it has none."""
        names = self.client.get_run(run).data.metrics
        first = next((name for name in ("images", curve("loss")) if name in names), None)
        if first is None:
            return -1
        return max((metric.step for metric in self.client.get_metric_history(run, first)), default=-1)

    def end(self, run: str, time: Time | None) -> None:
        """Mark a run as finished, as long after its start as its stages took."""
        started = self.client.get_run(run).info.start_time
        self.client.set_terminated(run, end_time=None if time is None else started + round(1000 * time.seconds))

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        """Set tags of a run."""
        from mlflow.entities import RunTag

        self.client.log_batch(run, tags=[RunTag(name, value) for name, value in tags.items()])


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield the items in lists that MLflow takes at once."""
    waiting = iter(items)
    while some := list(islice(waiting, BATCH)):
        yield some
