"""Where each result lies, and one arm's predictions on their way to disk and back."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.errors import InputError

PREPARED = Path("data/prepared")
SYNTHETIC = Path("data/synthetic")
ENSEMBLES = Path("models/ensemble")
GANS = Path("models/gan")
ARMS = Path("results/arms")
SUMMARY = Path("results/summary.json")
SECONDS = Path("results/seconds.json")
STAGE_SECONDS = Path("results/seconds")
PLOTS = Path("results/plots")
REPORT = Path("results/report.html")
METRICS = Path("results/metrics.json")


@dataclass(frozen=True)
class Predictions:
    """Class probabilities of the S classifiers of one replicate, float32, (S, N, K) each."""

    val: np.ndarray
    test: np.ndarray

    def save(self, folder: Path) -> None:
        """Write val.npy and test.npy."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "val.npy", self.val)
        np.save(folder / "test.npy", self.test)

    @classmethod
    def load(cls, folder: Path) -> Predictions:
        """Read what `save` wrote. Raises InputError if it is not there."""
        try:
            return cls(np.load(folder / "val.npy"), np.load(folder / "test.npy"))
        except (OSError, EOFError, ValueError) as error:
            raise InputError(f"{folder}: predictions cannot be read ({error}); run `dvc repro` to make them") from None


def opinions(replicate: int | str) -> Path:
    """Return where the ensemble's mean class probabilities (N, K) of a replicate's images without labels lie."""
    return ENSEMBLES / str(replicate) / "unlabelled.npy"


def write_rows(path: Path, rows: list[dict[str, float]]) -> None:
    """Write rows of equal keys as CSV, numbers with up to 6 digits after the point."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)


def plain(value: float) -> str:
    """Return a number as every table has it, with up to 6 digits after the point."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def read_rows(path: Path) -> list[dict[str, float]]:
    """Read what `write_rows` wrote. Raises InputError if it is not there."""
    with existing(path).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def read_json(path: Path) -> Any:
    """Read a result in JSON. Raises InputError if it is not there, or is none."""
    try:
        return json.loads(existing(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: cannot be read ({error}); remove it and run `dvc repro`") from None


def existing(path: Path) -> Path:
    """Return `path`. Raises InputError if there is no such file or folder."""
    if not path.exists():
        raise InputError(f"{path}: not there yet; run `dvc repro`")
    return path
