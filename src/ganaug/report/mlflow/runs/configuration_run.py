"""The run of a configuration: one row of MLflow's run table, with the figures by which users compare configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.doubts import doubts
from ganaug.experiment.summary.cost import costs_in
from ganaug.experiment.summary.metric_keys import interval_in
from ganaug.experiment.summary.reader import read_summary
from ganaug.experiment.summary.types import Summary
from ganaug.experiment.words.sentences import sentences
from ganaug.report.mlflow.runs.content import Content, Time
from ganaug.report.mlflow.runs.data_sets import held_out_sets, training_sets
from ganaug.report.mlflow.runs.names import metric
from ganaug.report.mlflow.runs.tags import pretrained_tags

ANSWER, BEST, DOUBTS = "answer", "best arm", "doubts"


def configuration_content(experiment: Experiment, settings: Mapping[str, Any], paths: Paths) -> Content:
    """Return the content of a configuration's own run. settings: parameters that may change within it, logged as tags.

    Raises InputError if a result is missing.
    """
    summary, seconds = read_summary(paths.summary), read_json(paths.seconds)
    figures = [
        *_headline(summary),
        *_reached(summary),
        *_gains(summary),
        *_quality(summary),
        *_near_copies(experiment, paths),
        *_costs(seconds),
    ]
    return Content(
        figures=dict(figures),
        files=[paths.params, paths.summary, paths.metrics, paths.seconds, paths.report, paths.plots, paths.data_card],
        tags={name: str(value) for name, value in settings.items()} | _tags(summary),
        data=[*training_sets(experiment.replicates, paths).values(), *held_out_sets(paths)],
        time=Time(sum(_wall_clock(seconds)), _ended(paths)),
    )


def _tags(summary: Summary) -> dict[str, str]:
    verdict, data = summary["verdict"], summary["dataset"]
    tags = {
        ANSWER: verdict["answer"],
        BEST: verdict["arm"],
        "reference": verdict["reference"],
        "metric": summary["metric"],
        "data": data["name"],
        DOUBTS: ", ".join(summary["doubts"]) or "no finding",
    }
    return tags | pretrained_tags(summary)


def in_words(summary: Summary) -> str:
    """Return the answer and the doubts about it, as Markdown."""
    return "\n\n".join([*sentences(summary), *doubts(summary)])


def _headline(summary: Summary) -> Iterator[tuple[str, float]]:
    """Yield the figures of the verdict: `gain` with its interval, and the scores of arm and reference.

    `quality/cas` is the classification accuracy score (Ravuri and Vinyals, 2019): the accuracy on real test images of
    the best arm that was trained on synthetic images only.
    """
    verdict, deciding = summary["verdict"], summary["metric"]
    if verdict["answer"] == "not used":
        yield "gain", 0.0
    else:
        yield from _interval("gain", verdict["gain"], verdict["low"], verdict["high"])
    compared = verdict["metrics"][deciding]
    yield "score/arm", compared["arm"]
    yield "score/reference", compared["reference"]
    if "label_equivalent" in summary:
        labels = summary["label_equivalent"]
        yield from _interval("label equivalent", labels["labels_per_class"], labels["low"], labels["high"])
    yield "replicates", len(summary["replicates"])
    alone = [
        interval_in(arm, "accuracy")["mean"]
        for arm in summary["arms"].values()
        if arm["synthetic"] == arm["synthetic_until"] == 1
    ]
    if alone:
        yield "quality/cas", max(alone)


def _interval(name: str, value: float | None, low: float | None, high: float | None) -> Iterator[tuple[str, float]]:
    """Yield a figure and the ends of its interval, except those that are None."""
    parts = {name: value, f"{name}/low": low, f"{name}/high": high}
    yield from ((part, number) for part, number in parts.items() if number is not None)


def _reached(summary: Summary) -> Iterator[tuple[str, float]]:
    """Yield each arm's score on the test images, by the metric that decides."""
    deciding = summary["metric"]
    yield from ((metric(deciding, name), interval_in(arm, deciding)["mean"]) for name, arm in summary["arms"].items())


def _gains(summary: Summary) -> Iterator[tuple[str, float]]:
    """Yield each arm's gain in each metric, with its interval if there is one."""
    for arm, gains in summary["gains"].items():
        for name in summary["metrics"]:
            gain = interval_in(gains, name)
            yield from _interval(metric(f"gain of {arm}", name), gain["mean"], gain["low"], gain["high"])


def _quality(summary: Summary) -> Iterator[tuple[str, float]]:
    """Yield each figure of the synthetic sets, and beside it that of real, held-out images."""
    for name, figure in summary["quality"]["figures"].items():
        values = {metric("quality", name): figure["synthetic"], metric("quality of real", name): figure["held_out"]}
        yield from ((key, value) for key, value in values.items() if value is not None)


def _near_copies(experiment: Experiment, paths: Paths) -> Iterator[tuple[str, float]]:
    """Yield the share of near-copies in the synthetic sets."""
    selections = [read_json(paths.synthetic_report(number) / "selection.json") for number in experiment.replicates]
    images = sum(read_json(paths.synthetic(number) / "card.json")["images"] for number in experiment.replicates)
    yield "quality/near_copies", sum(selection["near_copies_kept"] for selection in selections) / images


def _costs(seconds: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the cost of all stages together, and of each."""
    for name in ("seconds", "joules"):
        if all(name in cost for cost in costs_in(seconds)):
            yield name, _total(costs_in(seconds), name)
            for stage, costs in seconds.items():
                yield metric(name, stage), _total(costs_in(costs), name)


def _total(costs: Sequence[Mapping[str, Any]], unit: str) -> float:
    return round(sum(cost[unit] for cost in costs), 2)


def _wall_clock(seconds: Mapping[str, Any]) -> Iterator[float]:
    """Yield each stage's share of the wall-clock time: stages that ran side by side shared it."""
    for cost in costs_in(seconds):
        yield cost["seconds"] / cost.get("jobs", 1)


def _ended(paths: Paths) -> float:
    return paths.summary.stat().st_mtime
