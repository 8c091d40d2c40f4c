"""A Lightning logger that hands metrics to another process, so that training never waits for a tracking server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from pytorch_lightning.loggers import Logger

PATIENCE = 30.0
"""Seconds to wait at the end for the other process to handle the last metrics."""


class ProcessLogger(Logger):
    """Writes one line of JSON per message to another process's standard input.

    A row of metrics is `{"step": 20, "d_real": 0.7, …}`. The last message is `{"status": "success"}` or
    `{"status": "failed"}`; if it is missing, this process was killed. If the other process dies, its curves are lost,
    but training goes on.

    Use it as a context manager around everything that belongs to the run.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """`process`: started with `stdin=subprocess.PIPE, text=True`."""
        self.process = process

    @property
    def name(self) -> str:
        return "process"

    @property
    def version(self) -> int:
        return self.process.pid

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self._send({"step": step, **metrics})

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: the other process reads the configuration itself."""

    def finalize(self, status: str) -> None:
        """Do nothing: Lightning calls this when `fit` ends, before the results are written. `close` ends the run."""

    def close(self, status: str) -> None:
        """Send `status`, "success" or "failed", and wait until the other process ends, but no longer than PATIENCE."""
        self._send({"status": status})
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close("success" if kind is None else "failed")

    def _send(self, message: Mapping[str, Any]) -> None:
        with suppress(OSError, ValueError):  # the other process may have died
            print(json.dumps(message), file=self.process.stdin, flush=True)
