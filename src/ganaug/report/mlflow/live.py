"""Live curves of a GAN in MLflow, sent by a separate process: `python -m ganaug.report.mlflow.live REPLICATE`.

It reads the lines of JSON that `ganaug.gan.live.ProcessLogger` writes. Training never waits for the tracking server,
even if that is slow or down.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterable

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.messages import warn
from ganaug.core.paths import HERE, Paths
from ganaug.report.mlflow.runs.configuration import read_configuration
from ganaug.report.mlflow.runs.content import Row
from ganaug.report.mlflow.runs.nested_runs import gan_name, gan_tags, health_in_words, health_tags
from ganaug.report.mlflow.runs.processes import PROCESS, this_process
from ganaug.report.mlflow.store import NOTE, WAITING, Store
from ganaug.report.mlflow.system import SystemMetrics
from ganaug.report.mlflow.tracking import connect, forgiving, tracking_uri

FLUSH_EVERY = 2.0
"""Seconds between two writes to the server."""
STATUSES = {"success": "FINISHED", "failed": "FAILED"}
"""Status sent by `ProcessLogger` → MLflow's status."""


class LiveGan:
    """Sends rows of a GAN's history to its run during training; a resumed training sends no step twice.

    If the server does not answer, there is one warning, and `publish` completes the run later.
    """

    def __init__(self, replicate: str, paths: Paths) -> None:
        """Start the run of this replicate's GAN. Raises InputError as `read_configuration` does."""
        configuration = read_configuration(ParamsFile.load(paths.params), paths)
        self.rows: list[Row] = []
        self.sent = time.monotonic()
        self.health = paths.gan(replicate) / "health.json"
        self.store: Store | None = None
        self.system: SystemMetrics | None = None
        with forgiving("live curves"):
            store = connect(configuration, paths)
            self.parent = store.parent()
            self.run = store.run(gan_name(replicate), self.parent)
            self.last = store.last_step(self.run)
            store.tag(self.run, gan_tags(replicate) | {PROCESS: this_process()})
            store.client.update_run(self.parent, WAITING)
            store.client.update_run(self.run, "RUNNING")
            self.system = SystemMetrics(self.run, tracking_uri(paths))
            self.store = store  # only if all of this worked: a failing server is not contacted again

    def add(self, row: Row) -> None:
        """Add a row. Rows are sent together, every few seconds."""
        self.rows.append(row)
        if time.monotonic() - self.sent >= FLUSH_EVERY:
            self.flush()

    def close(self, status: str) -> None:
        """Send the remaining rows and end the run as FINISHED or FAILED; a failure marks its parent FAILED too."""
        self.flush()
        if self.store is not None:
            tags = {}
            if self.health.exists():  # a diverged run writes it, too
                tags = health_tags(self.health) | {NOTE: health_in_words(self.health)}
            with forgiving("end of the live curves"):
                if self.system is not None:
                    self.system.finish()
                for run in (self.run, self.parent) if status == "FAILED" else (self.run,):
                    self.store.client.set_terminated(run, status)
                self.store.tag(self.run, tags)

    def flush(self) -> None:
        """Send the waiting rows."""
        rows, self.rows, self.sent = self.rows, [], time.monotonic()
        if self.store is None:
            return
        store, self.store = self.store, None
        with forgiving("live curves"):
            store.log_rows(self.run, rows, self.last)
            self.store = store


def main(replicate: str, lines: Iterable[str], paths: Paths) -> None:
    """Log every row in `lines`. The run ends as FAILED if they end without a status."""
    live, status = LiveGan(replicate, paths), "failed"
    for line in lines:
        message = json.loads(line)
        if "status" in message:
            status = message["status"]
        else:
            live.add(message)
    live.close(STATUSES[status])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is meant for the training, whose end ends the input
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        main(sys.argv[1], sys.stdin, HERE)
    except InputError as error:
        warn(f"no live curves: {error}")
