"""Compares finished configurations: pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ganaug.core.nested import leaves
from ganaug.core.text import printable
from ganaug.core.time_words import time_in_words
from ganaug.experiment.summary.metric_keys import interval_in, on_validation
from ganaug.experiment.summary.types import EndsPart, IntervalPart, Summary
from ganaug.experiment.words.quantity import Quantity
from ganaug.report.compare.evaluated_configuration import EvaluatedConfiguration

NOWHERE = object()
"""The value of a parameter that a configuration does not have."""
ABSENT = "-"
"""Content of an empty cell of a table."""
PARTS: Final = ("dataset", "replicates", "metric", "smallest_gain", "verdict", "label_equivalent", "cost")
"""The parts of a summary that are compared."""


class Table(NamedTuple):
    """One table of the comparison: a heading, and for each row its name and a cell for each configuration."""

    heading: str
    rows: dict[str, list[str]]


def parameters(configurations: Sequence[EvaluatedConfiguration]) -> dict[str, list[Any]]:
    """Return the parameters that differ, by dotted name, with their value in each configuration, or NOWHERE.

    Configurations whose parameters are unknown count as equal to the others, and have NOWHERE.
    """
    flat = [None if one.params is None else dict(leaves(one.params)) for one in configurations]
    known = [params for params in flat if params is not None]
    names = sorted({name for params in known for name in params})
    return {
        name: [NOWHERE if params is None else params.get(name, NOWHERE) for params in flat]
        for name in names
        if _differ(params.get(name, NOWHERE) for params in known)
    }


def gains(configurations: Sequence[EvaluatedConfiguration]) -> dict[str, list[IntervalPart | None]]:
    """Return each arm's gain over each configuration's reference in the metric that decides; None: no such arm."""
    arms = dict.fromkeys(name for one in configurations for name in one.summary["gains"])
    return {
        arm: [
            interval_in(one.summary["gains"][arm], one.summary["metric"]) if arm in one.summary["gains"] else None
            for one in configurations
        ]
        for arm in arms
    }


def cautions(configurations: Sequence[EvaluatedConfiguration]) -> list[str]:
    """Return reasons not to compare the figures, as sentences."""
    summaries = [one.summary for one in configurations]
    reasons = []
    unknown = [one.name for one in configurations if one.params is None]
    if unknown:
        reasons.append(f"The parameters of {', '.join(unknown)} are unknown: summary.json does not contain them.")
    if _differ(one["metric"] for one in summaries):
        reasons.append(
            "The gains are measured in different metrics (evaluate.metric), so their sizes cannot be compared."
        )
    if _differ((one["dataset"]["name"], one["dataset"]["classes"], one["dataset"]["test_size"]) for one in summaries):
        reasons.append("The configurations have different data or test images, which may explain a difference.")
    if _differ(one["verdict"]["references"] for one in summaries):
        reasons.append("The gains are measured against different references.")
    if _differ(one["smallest_gain"] for one in summaries) or _differ(one["confidence_level"] for one in summaries):
        reasons.append(
            "The answers follow different rules: evaluate.smallest_gain or evaluate.confidence_level differs."
        )
    return reasons


def _differ(values: Iterator[Any]) -> bool:
    first, *others = values
    return any(other != first for other in others)


def as_dict(configurations: Sequence[EvaluatedConfiguration]) -> dict[str, Any]:
    """Return the comparison as plain values, for JSON."""
    return {
        "configurations": [
            {"name": one.name} | {part: one.summary[part] for part in PARTS if part in one.summary}
            for one in configurations
        ],
        "parameters": {
            name: [None if value is NOWHERE else value for value in row]
            for name, row in parameters(configurations).items()
        },
        "gains": gains(configurations),
        "cautions": cautions(configurations),
    }


def sentences(configurations: Sequence[EvaluatedConfiguration]) -> list[tuple[str, str]]:
    """Return each configuration's name, and its verdict as a sentence."""
    return [(one.name, printable(one.summary["verdict"]["sentence"].replace("`", ""))) for one in configurations]


def tables(configurations: Sequence[EvaluatedConfiguration]) -> list[Table]:
    """Return the comparison as text in tables: answers, gains of all arms, parameters."""
    columns = [_answer(one.summary) for one in configurations]
    answers = {name: [column[name] for column in columns] for name in columns[0]}
    quantities = [Quantity.deciding(one.summary) for one in configurations]
    arms = {
        arm: [
            ABSENT if gain is None else quantity.interval(gain, signed=True)
            for gain, quantity in zip(row, quantities, strict=True)
        ]
        for arm, row in gains(configurations).items()
    }
    differing = {name: [_shown(value) for value in row] for name, row in parameters(configurations).items()}
    contents = [
        Table("Answers; on test images, the best of several looks better than it is: choose on validation", answers),
        Table("Gains of the arms over the reference; these intervals hold for all arms of a column at once", arms),
        Table(f"Parameters that differ ({ABSENT}: not set)", differing),
    ]
    return [  # a summary may come from a stranger
        Table(heading, {printable(name): [printable(cell) for cell in cells] for name, cells in rows.items()})
        for heading, rows in contents
    ]


def _answer(summary: Summary) -> dict[str, str]:
    """Return one configuration's cell of each row."""
    verdict, quantity, data = summary["verdict"], Quantity.deciding(summary), summary["dataset"]
    interval: EndsPart = {"mean": verdict["gain"], "low": verdict["low"], "high": verdict["high"]}
    compared = verdict["metrics"][summary["metric"]]

    def reached(side: Sequence[str]) -> str:
        """Return one side's score on validation images, which is the same for equally good arms."""
        return quantity.number(on_validation(summary["arms"][side[0]], summary["metric"]))

    rows = {
        "answer": verdict["answer"],
        "gain": quantity.interval(interval, signed=True) + quantity.unit,
        "metric": quantity.heading + ("" if quantity.better == "high" else "; a gain is a reduction"),
        "arm": f"{verdict['arm']}: {quantity.number(compared['arm'])}",
        "reference": f"{verdict['reference']}: {quantity.number(compared['reference'])}",
        "on validation": f"{reached(verdict['arms'])}, reference {reached(verdict['references'])}",
        "label equivalent": _equivalent(summary),
        "data": f"{data['name']}, {len(data['classes'])} classes, {data['test_size']} test images",
        "replicates": str(len(summary["replicates"])),
    }
    seconds = summary["cost"]["seconds"]
    return rows | {"GANs took": ABSENT if seconds is None else time_in_words(seconds["gan"])}


def _equivalent(summary: Summary) -> str:
    """Return how many additional labels per class the GAN's gain is equivalent to."""
    equivalent = summary.get("label_equivalent")
    labels = None if equivalent is None else equivalent["labels_per_class"]
    return ABSENT if labels is None else f"{labels:.0f} per class"


def _shown(value: Any) -> str:
    """Return a value as in params.yaml, on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {_shown(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    return ABSENT if value is NOWHERE else str(value)
