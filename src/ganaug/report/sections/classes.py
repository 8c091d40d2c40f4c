"""Which classes change: recall of each class in each arm, against the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ganaug.report.finished import Finished

FULL_COLOUR = 10.0
"""Points of change from which on a cell has its full colour."""


class Change(NamedTuple):
    """One cell: a change in recall, in points."""

    points: float
    strength: int
    """Of the colour, percent."""
    sure: bool
    """Whether the interval excludes 0; that of all of an arm's classes at once."""


def context(run: Finished) -> dict[str, Any]:
    """Return what classes.html shows."""
    gains = run.summary["gains"]
    compared = [name for name in run.summary["verdict"]["arms"] if name in gains]
    names = [*compared, *(name for name in gains if name not in compared)]  # those of the verdict first
    return {
        "arms": names,
        "rows": {label: [_change(gains[name]["recall"][label]) for name in names] for label in _classes(run)},
    }


def _classes(run: Finished) -> list[str]:
    return list(run.summary["dataset"]["classes"])


def _change(interval: Mapping[str, Any]) -> Change:
    points = 100 * interval["mean"]
    sure = interval["low"] is not None and interval["low"] * interval["high"] > 0
    return Change(points, round(min(1.0, abs(points) / FULL_COLOUR) * 100), sure)
