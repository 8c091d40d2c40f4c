"""A finished configuration: its results, and the parameters that produced them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.core.text import printable
from ganaug.experiment.summary.reader import read_summary
from ganaug.experiment.summary.types import Summary
from ganaug.report.mlflow.tracking import download


@dataclass(frozen=True)
class EvaluatedConfiguration:
    """A configuration to compare.

    name: for headings. summary: results/summary.json. params: all of params.yaml at the time, or None if unknown.
    """

    name: str
    summary: Summary
    params: Mapping[str, Any] | None


def read_all(places: Sequence[str], paths: Paths) -> list[EvaluatedConfiguration]:
    """Return the configuration at each place; equal names are numbered.

    Raises InputError for fewer than two places, or if a place has no results.
    """
    if len(places) < 2:
        raise InputError("name two or more: project folders, summary.json files, or runs:/<id> of MLflow")
    configurations = [_read(place, paths) for place in places]
    names = [printable(one.name) for one in configurations]
    return [
        replace(one, name=name if names.count(name) == 1 else f"{name} ({names[: number + 1].count(name)})")
        for number, (one, name) in enumerate(zip(configurations, names, strict=True))
    ]


def _read(place: str, paths: Paths) -> EvaluatedConfiguration:
    if run := re.fullmatch(r"runs:/([^/]+)/?", place):
        files = [download(f"runs:/{run[1]}/{name}", paths) for name in ("summary.json", "params.yaml")]
        return EvaluatedConfiguration(f"run {run[1][:8]}", read_summary(files[0]), ParamsFile.load(files[1]).content)
    path = Path(place)
    if path.is_file() and path.resolve().parent.name != Paths().summary.parent.name:
        return EvaluatedConfiguration(path.stem, read_summary(path), None)
    project = Paths(path.resolve().parents[1] if path.is_file() else path)
    if not project.root.is_dir():
        raise InputError(f"{place}: no such folder or file; name a project folder, a summary.json, or runs:/<id>")
    return EvaluatedConfiguration(project.root.resolve().name, read_summary(project.summary), _params(project))


def _params(project: Paths) -> Mapping[str, Any] | None:
    """Return the parameters of the last evaluation, which DVC has recorded; params.yaml may have changed since."""
    if project.lock.exists():
        stages = ParamsFile.load(project.lock).value("stages")
        return stages.get("evaluate", {}).get("params", {}).get(project.params.name)
    return ParamsFile.load(project.params).content if project.params.exists() else None
