"""The one reader of a finished run's summary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ganaug.core.errors import InputError
from ganaug.core.files import read_json
from ganaug.experiment.summary_types import Summary


def read_summary(path: Path) -> Summary:
    """Return results/summary.json. Raises InputError if it is missing, or is not what this version writes.

    Keys that this version does not know are no mistake.
    """
    found: Summary = read_json(path)
    problem = _wrong_type(found) or _missing_name(found)
    if problem:
        raise InputError(f"{path}: {problem}: written by an earlier version; run `dvc repro` to evaluate again")
    return found


def _wrong_type(found: object) -> str | None:
    """Return the first key that is missing or has a value of another type, in words; None if all is as it should be."""
    try:
        TypeAdapter(Summary).validate_python(found, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        return f"{place} is missing" if first["type"] == "missing" else f"{place}: {first['msg']}"
    return None


def _missing_name(found: Summary) -> str | None:
    """Return the first metric or arm that is named and missing elsewhere, in words; None if none is."""
    verdict, metrics = found["verdict"], [*found["metrics"]]
    wanted: list[tuple[str, Mapping[str, object], list[str]]] = [
        ("metrics", found["metrics"], [found["metric"]]),
        ("verdict.metrics", verdict["metrics"], metrics),
        ("arms", found["arms"], [*verdict["arms"], *verdict["references"], *found["gains"]]),
        *((f"arms.{name}", arm, [f"val_{found['metric']}", *metrics]) for name, arm in found["arms"].items()),
        *((f"gains.{name}", gain, metrics) for name, gain in found["gains"].items()),
    ]
    return next((f"{place}.{key} is missing" for place, part, keys in wanted for key in keys if key not in part), None)
