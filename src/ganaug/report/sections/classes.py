"""Which classes change: recall of each class in each arm, against the reference."""

from __future__ import annotations

from typing import Any, NamedTuple

from ganaug.experiment.gains import excludes_zero
from ganaug.experiment.metric_keys import gain_by_class
from ganaug.experiment.summary_types import IntervalPart
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
    gains, classes = run.summary["gains"], run.summary["dataset"]["classes"]
    recall = {name: gain_by_class(gain, "recall") for name, gain in gains.items()}
    compared = [name for name in run.summary["verdict"]["arms"] if name in gains]
    names = [*compared, *(name for name in gains if name not in compared)]  # those of the verdict first
    return {
        "arms": names,
        "rows": {label: [_change(recall[name][label]) for name in names] for label in classes},
    }


def _change(interval: IntervalPart) -> Change:
    points = 100 * interval["mean"]
    return Change(points, round(min(1.0, abs(points) / FULL_COLOUR) * 100), excludes_zero(interval))
