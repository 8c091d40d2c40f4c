"""Writes and reads the parts of the summary whose keys are the run's metrics: figures and gains of arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ganaug.experiment.summary.types import ArmFacts, ArmPart, GainPart, IntervalPart


def arm_part(
    facts: ArmFacts,
    *,
    whole: Mapping[str, IntervalPart],
    validation: tuple[str, float],
    by_class: Mapping[str, Mapping[str, float]],
    confusion: list[list[int]],
) -> ArmPart:
    """Return an arm with its figures. validation: key and value of the deciding metric."""
    metric, reached = validation
    return cast("ArmPart", {**facts, **whole, f"val_{metric}": reached, **by_class, "confusion": confusion})


def gain_part(
    facts: GainPart, *, whole: Mapping[str, IntervalPart], by_class: Mapping[str, Mapping[str, IntervalPart]]
) -> GainPart:
    """Return an arm's gains with the gain in each metric."""
    return cast("GainPart", {**facts, **whole, **by_class})


def interval_in(figures: ArmPart | GainPart, metric: str) -> IntervalPart:
    """Return an arm's value or gain in a metric of all classes. metric: its key."""
    return cast("Mapping[str, IntervalPart]", figures)[metric]


def on_validation(arm: ArmPart, metric: str) -> float:
    """Return an arm's value on validation images. metric: key of the deciding metric."""
    return cast("Mapping[str, float]", arm)[f"val_{metric}"]


def gain_by_class(gain: GainPart, metric: str) -> Mapping[str, IntervalPart]:
    """Return an arm's gain in a per-class metric, by class. metric: its key."""
    return cast("Mapping[str, Mapping[str, IntervalPart]]", gain)[metric]
