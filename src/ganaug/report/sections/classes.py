"""The change in each class's recall in each arm, compared with the reference."""

from __future__ import annotations

from typing import Any, NamedTuple

from ganaug.experiment.statistics.gains import excludes_zero
from ganaug.experiment.summary.metric_keys import gain_by_class
from ganaug.experiment.summary.types import IntervalPart
from ganaug.report.finished import Finished

FULL_COLOUR = 10.0
"""Change, in points, from which a cell has its full colour."""


class Change(NamedTuple):
    """One cell: a change in recall, in points."""

    points: float
    strength: int
    """Strength of the colour, in percent."""
    sure: bool
    """Whether the interval, which holds for all of an arm's classes at once, excludes 0."""


def context(run: Finished) -> dict[str, Any]:
    """Return what classes.html shows."""
    gains, classes = run.summary["gains"], run.summary["dataset"]["classes"]
    recall = {name: gain_by_class(gain, "recall") for name, gain in gains.items()}
    compared = [name for name in run.summary["verdict"]["arms"] if name in gains]
    names = [*compared, *(name for name in gains if name not in compared)]  # the verdict's arms first
    return {
        "arms": names,
        "rows": {label: [_change(recall[name][label]) for name in names] for label in classes},
    }


def _change(interval: IntervalPart) -> Change:
    points = 100 * interval["mean"]
    return Change(points, round(min(1.0, abs(points) / FULL_COLOUR) * 100), excludes_zero(interval))
