"""A Lightning logger that calls a function."""

from collections.abc import Callable, Mapping
from typing import Any

from pytorch_lightning.loggers import Logger


class RowLogger(Logger):
    """Passes each row, with its step, to a function, which may end the run by raising."""

    name, version = "rows", 0

    def __init__(self, listener: Callable[[dict[str, float]], None]) -> None:
        super().__init__()
        self.listener = listener

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.listener({"step": step, **metrics})

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Ignore them."""
