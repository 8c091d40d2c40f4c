"""Reads and checks a finished run's summary, for everything that uses one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ganaug.core.errors import InputError
from ganaug.core.files import read_json
from ganaug.experiment.summary.types import Summary


def read_summary(path: Path) -> Summary:
    """Return results/summary.json. Raises InputError if it is missing, or not in the format that this version writes.

    Additional keys are allowed.
    """
    summary: Summary = read_json(path)
    problem = _wrong_type(summary) or _missing_name(summary)
    if problem:
        raise InputError(f"{path}: {problem}: written by an earlier version; run `dvc repro` to evaluate again")
    return summary


def _wrong_type(summary: object) -> str | None:
    """Return the problem with the first key that is missing or has a value of the wrong type, or None."""
    try:
        TypeAdapter(Summary).validate_python(summary, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        return f"{place} is missing" if first["type"] == "missing" else f"{place}: {first['msg']}"
    return None


def _missing_name(summary: Summary) -> str | None:
    """Return the problem with the first metric or arm that is named in one part but missing in another, or None."""
    verdict, metrics = summary["verdict"], [*summary["metrics"]]
    wanted: list[tuple[str, Mapping[str, object], list[str]]] = [
        ("metrics", summary["metrics"], [summary["metric"]]),
        ("verdict.metrics", verdict["metrics"], metrics),
        ("arms", summary["arms"], [*verdict["arms"], *verdict["references"], *summary["gains"]]),
        *((f"arms.{name}", arm, [f"val_{summary['metric']}", *metrics]) for name, arm in summary["arms"].items()),
        *((f"gains.{name}", gain, metrics) for name, gain in summary["gains"].items()),
    ]
    return next((f"{place}.{key} is missing" for place, part, keys in wanted for key in keys if key not in part), None)
