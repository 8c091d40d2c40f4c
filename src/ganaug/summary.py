"""From saved predictions to results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug.evaluation import Scores
from ganaug.images import LabelledImages
from ganaug.statistics import Interval, paired_differences, student_interval

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1")


@dataclass(frozen=True)
class ArmScores:
    """Scores of one arm, one entry a replicate. group: baseline or augmented."""

    group: str
    val: tuple[Scores, ...]
    test: tuple[Scores, ...]

    def figure(self, name: str) -> tuple[float, ...]:
        """Return one figure on the test set."""
        return tuple(getattr(scores, name) for scores in self.test)

    @property
    def mean_val(self) -> float:
        """Balanced accuracy on the validation set."""
        return float(np.mean([scores.balanced_accuracy for scores in self.val]))


def choose_reference(given: str | None, arms: Mapping[str, ArmScores]) -> str:
    """Return the arm that the others are compared with: the given one, else the baseline arm that is best on val.

    The test set has no say, or the reference would profit from its luck. Ties go to the first.
    """
    baseline = [name for name, scores in arms.items() if scores.group == "baseline"]
    return given if given is not None else max(baseline, key=lambda name: arms[name].mean_val)


def summarise(
    arms: Mapping[str, ArmScores],
    reference: str,
    confidence: float,
    test: LabelledImages,
    trains: Mapping[int, LabelledImages],
    findings: Mapping[int, Sequence[str]],
) -> dict[str, Any]:
    """Return the whole of results/summary.json: nothing in it changes from run to run.

    trains: the training set of each replicate, in the order of the arms' scores. findings: what was found in the
    training of each replicate's GAN.
    """
    return {
        "dataset": {
            "name": test.source.get("dataset", test.source["name"]),
            "classes": list(test.classes),
            "image_shape": list(test.shape),
            "train_per_class": next(iter(trains.values())).counts,
            "test_size": len(test),
        },
        "replicates": list(trains),
        "findings": {str(replicate): list(found) for replicate, found in findings.items()},
        "confidence": confidence,
        "reference": reference,
        "arms": {name: _arm(scores, confidence, test.classes) for name, scores in arms.items()},
        "gains": {
            name: {"reference": reference}
            | {figure: gain(scores, arms[reference], figure, confidence).as_dict() for figure in FIGURES}
            | {"recall": _changes(scores, arms[reference], test.classes)}
            for name, scores in arms.items()
            if name != reference
        },
    }


def gain(scores: ArmScores, reference: ArmScores, figure: str, confidence: float) -> Interval:
    """Return the paired differences of one figure to the reference arm."""
    return paired_differences(scores.figure(figure), reference.figure(figure), confidence)


def _arm(scores: ArmScores, confidence: float, classes: Sequence[str]) -> dict[str, Any]:
    recall = np.mean([one.recall for one in scores.test], axis=0)
    return {
        "group": scores.group,
        **{figure: student_interval(scores.figure(figure), confidence).as_dict() for figure in FIGURES},
        "val_balanced_accuracy": round(scores.mean_val, 6),
        "recall": _by_class(classes, recall),
        "confusion": np.sum([one.confusion for one in scores.test], axis=0).tolist(),
    }


def _changes(scores: ArmScores, reference: ArmScores, classes: Sequence[str]) -> dict[str, float]:
    change = [one.recall - other.recall for one, other in zip(scores.test, reference.test, strict=True)]
    return _by_class(classes, np.mean(change, axis=0))


def _by_class(classes: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(classes, values, strict=True)}


def headline_metrics(summary: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the few figures that `dvc metrics show` and MLflow's run table have room for."""
    return {
        "balanced_accuracy": {name: arm["balanced_accuracy"]["mean"] for name, arm in summary["arms"].items()},
        "gain": {name: arm["balanced_accuracy"]["mean"] for name, arm in summary["gains"].items()},
    }


def as_text(summary: Mapping[str, Any]) -> str:
    """Return the summary as a small table for a terminal, in percent and percentage points."""
    data = summary["dataset"]
    counts = sorted(set(data["train_per_class"].values()))
    per_class = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    lines = [
        f"{data['name']}: {len(data['classes'])} classes, {per_class} labelled training images a class",
        f"{data['test_size']} test images, {len(summary['replicates'])} replicates",
        "",
        f"{'arm':<20}{'balanced accuracy %':>24}{'gain in points over ' + summary['reference']:>36}",
    ]
    for name, arm in summary["arms"].items():
        change = summary["gains"].get(name)
        difference = interval_text(change["balanced_accuracy"], signed=True) if change else "(reference)"
        lines.append(f"{name:<20}{interval_text(arm['balanced_accuracy']):>24}{difference:>36}")
    lines += ["", f"[low, high]: {100 * summary['confidence']:g}% interval over replicates"]
    if told := headline(summary):
        lines += ["", told]
    lines += [
        f"GAN of replicate {replicate}: {', '.join(found)} (what to try: models/gan/{replicate}/health.json)"
        for replicate, found in summary["findings"].items()
        if found
    ]
    return "\n".join(lines)


def headline(summary: Mapping[str, Any]) -> str | None:
    """Return what was found in one sentence; None if no arm uses synthetic images.

    The arm that it speaks of is the one with synthetic images that is best on validation: the test set has no say.
    """
    arms, gains, reference = summary["arms"], summary["gains"], summary["reference"]
    augmented = [name for name in gains if arms[name]["group"] == "augmented"]
    if not augmented:
        return None
    best = max(augmented, key=lambda name: arms[name]["val_balanced_accuracy"])
    change = gains[best]["balanced_accuracy"]
    if change["low"] is None:
        found = "one replicate cannot tell whether that is more than chance"
    elif change["low"] > 0:
        found = "that is a gain"
    elif change["high"] < 0:
        found = "that is a loss"
    else:
        found = "neither a gain nor a loss has been shown"
    return (
        f"{best}, the best arm with synthetic images on validation, changes balanced accuracy by "
        f"{interval_text(change, signed=True)} points against {reference}: {found}."
    )


def interval_text(interval: Mapping[str, Any], *, signed: bool = False) -> str:
    """Return "96.1 [95.0, 97.2]": shares as percent, differences (signed) as points with their sign."""
    form = "{:+.1f}" if signed else "{:.1f}"
    mean = form.format(100 * interval["mean"])
    if interval["low"] is None:
        return mean
    return f"{mean} [{form.format(100 * interval['low'])}, {form.format(100 * interval['high'])}]"
