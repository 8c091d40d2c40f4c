"""From saved predictions to results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ganaug.evaluation import Scores
from ganaug.images import LabelledImages
from ganaug.sections.evaluate import Evaluate, Information
from ganaug.sections.train_classifier import Arm
from ganaug.statistics import Estimate, gain_in_recall, judge, student_interval, together
from ganaug.worth import Point, worth

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1")


@dataclass(frozen=True)
class ArmScores:
    """Scores of one arm, one entry a replicate."""

    arm: Arm
    group: str
    """baseline or augmented."""
    knows: Information
    val: tuple[Scores, ...]
    test: tuple[Scores, ...]
    synthetic: float = 0.0
    """Share of synthetic images in its batches, chosen on validation."""

    @property
    def uses_gan(self) -> bool:
        """Did it learn from the GAN in the end? An arm that may choose 0 synthetic images may do without."""
        return self.synthetic > 0 or self.arm.discriminator

    @property
    def right(self) -> np.ndarray:
        """(R, N) of 0 and 1: which test images each replicate got right."""
        return np.array([scores.right for scores in self.test], dtype=np.float64)

    def figure(self, name: str) -> tuple[float, ...]:
        """Return one figure on the test set."""
        return tuple(getattr(scores, name) for scores in self.test)

    @property
    def mean_val(self) -> float:
        """Balanced accuracy on the validation set."""
        return float(np.mean([scores.balanced_accuracy for scores in self.val]))


@dataclass(frozen=True)
class Comparison:
    """Which two arms the answer is about. Chosen on validation: the test set has no say, or luck would choose."""

    arm: str | None
    """The best augmented arm; None if there is none."""
    reference: str


def choose(arms: Mapping[str, ArmScores], reference: str | None = None) -> Comparison:
    """Return the best augmented arm and the best baseline arm that knows no more, both on validation.

    reference: the name of the latter, if it is given. Arms that know more labels are not chosen. Ties go to the first.
    """

    def best(group: str, most: Information) -> str | None:
        names = [name for name, scores in arms.items() if scores.group == group and scores.knows <= most]
        return max(names, key=lambda name: arms[name].mean_val, default=None)

    arm = best("augmented", Information.UNLABELLED)
    found = reference or best("baseline", arms[arm].knows if arm else Information.LABELS)
    return Comparison(arm, found or next(iter(arms)))


@dataclass(frozen=True)
class Data:
    """What the arms learned from, and were tested on. trains: the training set of each replicate, in their order."""

    test: LabelledImages
    trains: Mapping[int, LabelledImages]
    pool: Mapping[str, int]
    """Images of each class in the training pool."""

    @property
    def overlap(self) -> float:
        """How much of two replicates' training images is the same, expected; 1 where the pool is the training set."""
        counts = next(iter(self.trains.values())).counts
        return sum(count**2 / self.pool[name] for name, count in counts.items()) / sum(counts.values())

    def labels(self, arm: Arm) -> float:
        """Return how many labelled images a class an arm has, the mean over classes."""
        if isinstance(arm.labels, int):
            return float(arm.labels)
        counts = next(iter(self.trains.values())).counts if arm.labels == "limited" else self.pool
        return sum(counts.values()) / len(counts)

    def gain(
        self,
        arm: ArmScores,
        reference: ArmScores,
        images: np.ndarray | slice = slice(None),
        labels: np.ndarray | None = None,
    ) -> Estimate:
        """Estimate the gain in balanced accuracy, on some of the test images, or with other `labels` to balance.

        Where the whole pool is the training set of every replicate, it is the gain for these very images: there are no
        others that it could speak of.
        """
        balanced = np.asarray(self.test.labels) if labels is None else labels
        return gain_in_recall(
            arm.right[:, images],
            reference.right[:, images],
            balanced[images],
            overlap=self.overlap if self.overlap < 1 else 0.0,
        )


def summarise(
    arms: Mapping[str, ArmScores],
    settings: Evaluate,
    data: Data,
    findings: Mapping[int, Sequence[str]],
) -> dict[str, Any]:
    """Return the whole of results/summary.json. findings: what was found in the training of each replicate's GAN.

    Of arms that do without the GAN, `verdict` only says so, and there is no `worth`.
    """
    chosen = choose(arms, settings.reference)
    others = [name for name in arms if name != chosen.reference]
    confidence = together(settings.confidence, len(others))
    summary = {
        "dataset": {
            "name": data.test.source.get("title", data.test.source["name"]),
            "classes": list(data.test.classes),
            "image_shape": list(data.test.shape),
            "train_per_class": next(iter(data.trains.values())).counts,
            "test_size": len(data.test),
        },
        "replicates": list(data.trains),
        "overlap": round(data.overlap, 6),
        "findings": {str(replicate): list(found) for replicate, found in findings.items()},
        "confidence": settings.confidence,
        "smallest_gain": settings.smallest_gain,
        "reference": chosen.reference,
        "arms": {name: _arm(scores, data, settings.confidence) for name, scores in arms.items()},
        "gains": {
            name: {"reference": chosen.reference}
            | _gain(arms[name], arms[chosen.reference], data, settings, confidence)
            for name in others
        },
    }
    if chosen.arm is not None and chosen.arm != chosen.reference:
        gain = data.gain(arms[chosen.arm], arms[chosen.reference])
        summary["verdict"] = _verdict(gain, settings, arms[chosen.arm], arms[chosen.reference], chosen)
        if arms[chosen.arm].uses_gan:
            summary["worth"] = worth(_curve(arms, chosen, data), settings.confidence)
    return summary


def _curve(arms: Mapping[str, ArmScores], chosen: Comparison, data: Data) -> list[Point]:
    """Return the lead of the augmented arm over the reference with its labels, and with more."""
    arm, reference = arms[chosen.arm or ""], arms[chosen.reference]
    points = []
    for scores in arms.values():
        if scores.group == reference.group and replace(scores.arm, labels=reference.arm.labels) == reference.arm:
            points.append(Point(data.labels(scores.arm), data.gain(arm, scores)))
    return points


def _gain(arm: ArmScores, reference: ArmScores, data: Data, settings: Evaluate, confidence: float) -> dict[str, Any]:
    """Return an arm's gains.

    The intervals of its classes hold together, for all of them; macro-F1's is over replicates alone.
    """
    labels, classes = np.asarray(data.test.labels), data.test.classes
    balanced = data.gain(arm, reference)
    differences = [a - b for a, b in zip(arm.figure("macro_f1"), reference.figure("macro_f1"), strict=True)]
    return {
        "answer": judge(balanced, settings.smallest_gain, confidence).answer,
        "balanced_accuracy": balanced.interval(confidence).as_dict(),
        "accuracy": data.gain(arm, reference, labels=np.zeros_like(labels)).interval(confidence).as_dict(),
        "macro_f1": student_interval(differences, confidence).as_dict(),
        "recall": {
            name: data.gain(arm, reference, labels == label)
            .interval(together(settings.confidence, len(classes)))
            .as_dict()
            for label, name in enumerate(classes)
        },
    }


def _verdict(
    estimate: Estimate, settings: Evaluate, arm: ArmScores, reference: ArmScores, chosen: Comparison
) -> dict[str, Any]:
    interval, verdict = (
        estimate.interval(settings.confidence),
        judge(estimate, settings.smallest_gain, settings.confidence),
    )
    found = {
        "answer": verdict.answer if arm.uses_gan else "not used",
        "gain": round(interval.mean, 6),
        "low": None if interval.low is None else round(interval.low, 6),
        "high": None if interval.high is None else round(interval.high, 6),
        "reference": chosen.reference,
        "arm": chosen.arm,
        "minimum_detectable": None if verdict.minimum_detectable is None else round(verdict.minimum_detectable, 6),
        "replicates_needed": verdict.replicates_needed,
    }
    told = sentence(found, len(estimate.per_replicate), settings.smallest_gain)
    if arm.uses_gan and arm.knows > reference.knows:
        told += f" {chosen.arm} has also learned from images without labels, as {chosen.reference} has not."
    return {"sentence": told, **found}


def sentence(verdict: Mapping[str, Any], replicates: int, smallest_gain: float) -> str:
    """Return the verdict in words, in points of balanced accuracy."""
    change = interval_text({**verdict, "mean": verdict["gain"]}, signed=True)
    arms = f"{verdict['arm']} changes balanced accuracy by {change} points against {verdict['reference']}"
    if verdict["answer"] == "not used":
        return (
            f"GAN augmentation is not used: on validation no share of synthetic images was better for "
            f"{verdict['arm']} than none. Without any, {arms}."
        )
    opening = {
        "helps": "GAN augmentation helps",
        "harms": "GAN augmentation harms",
        "no effect": "GAN augmentation has no effect that matters",
        "undecided": "Undecided",
    }[verdict["answer"]]
    if verdict["answer"] == "no effect":
        return f"{opening}: {arms}, surely less than {100 * smallest_gain:g} points."
    if verdict["answer"] != "undecided":
        return f"{opening}: {arms}."
    if verdict["minimum_detectable"] is None:
        return f"{opening}: {arms}; one replicate cannot tell whether that is more than chance."
    needed = verdict["replicates_needed"]
    remedy = (
        f"about {needed} would probably decide"
        if needed
        else "more of them would not decide, but more test images or a larger training pool may"
    )
    return (
        f"{opening}: {arms}. {replicates} replicates would find gains of {100 * verdict['minimum_detectable']:.1f} "
        f"points or more four times in five; {remedy}."
    )


def _arm(scores: ArmScores, data: Data, confidence: float) -> dict[str, Any]:
    recall = np.mean([one.recall for one in scores.test], axis=0)
    figures = {figure: student_interval(scores.figure(figure), confidence).as_dict() for figure in FIGURES}
    return {
        "group": scores.group,
        "knows": scores.knows.name.lower().replace("_", " "),
        "synthetic": scores.synthetic,
        **figures,
        "val_balanced_accuracy": round(scores.mean_val, 6),
        "recall": _by_class(data.test.classes, recall),
        "confusion": np.sum([one.confusion for one in scores.test], axis=0).tolist(),
    }


def average_quality(qualities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over replicates of each figure of quality.json; None where none of them could tell."""
    first = qualities[0]

    def mean(name: str, side: str) -> float | None:
        values = [one["figures"][name][side] for one in qualities if one["figures"][name][side] is not None]
        return round(float(np.mean(values)), 6) if values else None

    return {
        "features": first["features"],
        "figures": {
            name: {key: figure[key] for key in ("better", "ideal", "sees")}
            | {side: mean(name, side) for side in ("synthetic", "train", "held_out")}
            for name, figure in first["figures"].items()
        },
    }


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
    confidence = f"{100 * summary['confidence']:g}%"
    lines += ["", f"[low, high]: {confidence} interval over replicates; of gains, over test images too and all at once"]
    lines += ["", *sentences(summary)]
    lines += [
        f"GAN of replicate {replicate}: {', '.join(found)} (what to try: models/gan/{replicate}/health.json)"
        for replicate, found in summary["findings"].items()
        if found
    ]
    return "\n".join(lines)


def sentences(summary: Mapping[str, Any]) -> list[str]:
    """Return the verdict, and what the synthetic images were worth; nothing if there is no verdict."""
    return [summary[part]["sentence"] for part in ("verdict", "worth") if part in summary]


def interval_text(interval: Mapping[str, Any], *, signed: bool = False) -> str:
    """Return "96.1 [95.0, 97.2]": shares as percent, differences (signed) as points with their sign."""
    form = "{:+.1f}" if signed else "{:.1f}"
    mean = form.format(100 * interval["mean"])
    if interval["low"] is None:
        return mean
    return f"{mean} [{form.format(100 * interval['low'])}, {form.format(100 * interval['high'])}]"
