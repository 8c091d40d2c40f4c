"""Formats the summary as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from ganaug.experiment.findings.doubts import doubts
from ganaug.experiment.findings.relevance import gan_findings
from ganaug.experiment.summary.metric_keys import interval_in
from ganaug.experiment.summary.types import Summary
from ganaug.experiment.words.answer import answer_about
from ganaug.experiment.words.quantity import Quantity
from ganaug.experiment.words.sentences import known_without_training, sentences


def as_text(summary: Summary) -> str:
    """Return the summary for a terminal: a table of arms, the verdict, and findings about the GANs."""
    data, replicates = summary["dataset"], len(summary["replicates"])
    counts = sorted(set(data["train_per_class"].values()))
    per_class = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    groups = f" in {data['test_groups']} groups" if data["test_groups"] < data["test_size"] else ""
    metric, quantity = summary["metric"], Quantity.deciding(summary)
    lines = [
        f"{data['name']}: {len(data['classes'])} classes, {per_class} labelled training images per class",
        f"{data['test_size']} test images{groups}, {replicates} replicate{'s' if replicates > 1 else ''}",
        "",
    ]
    rows = [["arm", quantity.heading, quantity.gain_heading(summary["reference"])]]
    for name, arm in summary["arms"].items():
        change = summary["gains"].get(name)
        difference = quantity.interval(change["alone"], signed=True) if change else ""
        rows.append([name, quantity.interval(interval_in(arm, metric)), difference])
    answers = ["answer", *(answer_about(summary, name) for name in summary["arms"])]
    lines += [f"{row}  {answer}" for row, answer in zip(aligned(rows, (20, 24, 36)), answers, strict=True)]
    lines += ["", *_other_metrics(summary)]
    if replicates > 1:
        level = summary["verdict"]["confidence_level"]
        lines += [
            f"[low, high]: {100 * level:g}% interval, for other training images, seeds and",
            "test images. Those of gains in other metrics hold for all arms at once (Bonferroni).",
            "",
        ]
    lines += [*sentences(summary), known_without_training(summary)]
    lines += [f"Finding: {doubt}" for doubt in doubts(summary)]
    lines += [
        f"GAN of replicate {replicate}: {', '.join(findings)} (what to try: models/gan/{replicate}/health.json)"
        for replicate, findings in gan_findings(summary).items()
        if findings
    ]
    return "\n".join(lines)


def _other_metrics(summary: Summary) -> list[str]:
    """Return a table of all metrics but the deciding one, for the arms that the verdict compares."""
    verdict = summary["verdict"]
    rows = [["other metrics", verdict["arm"], verdict["reference"], "gain"]]
    for key, compared in verdict["metrics"].items():
        if key == summary["metric"]:
            continue
        quantity = Quantity(**summary["metrics"][key])
        name = quantity.heading + (" (lower is better)" if quantity.better == "low" else "")
        sides = [quantity.number(compared["arm"]), quantity.number(compared["reference"])]
        rows.append([name, *sides, quantity.interval(compared["gain"], signed=True)])
    return [*aligned(rows, (40, 16, 16, 28)), ""]


def aligned(rows: Sequence[Sequence[str]], least: Sequence[int]) -> list[str]:
    """Return a line for each row: names left-aligned, other cells right-aligned, in columns of at least `least`."""
    columns = zip(zip(*rows, strict=True), least, strict=True)
    first, *others = (max(width, 2 + max(map(len, cells))) for cells, width in columns)
    return [
        f"{name:<{first}}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, others, strict=True))
        for name, *cells in rows
    ]
