"""The content of a run in MLflow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ganaug.core.files import existing
from ganaug.report.mlflow.runs.data_sets import DataSet

Row = Mapping[str, float]
"""One line of a history.csv: `step`, and the values of curves at this step."""


class Time(NamedTuple):
    """When a run took place. MLflow shows it as start and duration."""

    seconds: float
    """How long its stages took."""
    ended: float
    """When the last of them ended, in seconds since 1970."""


class Picture(NamedTuple):
    """An image that MLflow shows at a step of training, with a slider."""

    key: str
    step: int
    path: Path


@dataclass(frozen=True, kw_only=True)
class Content:
    """The content of a run.

    rows: its curves. figures: its other metrics, by name. files: files and folders to attach. Raises InputError if a
    file or folder is missing.
    """

    rows: Sequence[Row] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    files: Sequence[Path] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    pictures: Sequence[Picture] = ()
    data: Sequence[DataSet] = ()
    time: Time | None = None

    def __post_init__(self) -> None:
        for path in self.files:
            existing(path)

    @cached_property
    def digest(self) -> str:
        """Hash of everything but tags and time."""
        pictures = [(picture.key, picture.step) for picture in self.pictures]
        plain = [self.rows, self.figures, self.params, pictures, self.data]
        digest = hashlib.sha256(json.dumps(plain, default=str).encode())
        for file in self._all_files():
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def _all_files(self) -> Iterator[Path]:
        for path in [*self.files, *(picture.path for picture in self.pictures)]:
            yield from (file for file in sorted(path.rglob("*")) if file.is_file()) if path.is_dir() else [path]
