"""From saved predictions to results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.comparison import ArmScores, Comparison, Data, choose
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.label_equivalent import Point, worth
from ganaug.experiment.statistics import judge, student_interval, together
from ganaug.experiment.wording import sentence

FIGURES = ("accuracy", "balanced_accuracy", "macro_f1")


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
            "test_groups": data.test.number_of_groups,
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
    summary["verdict"] = _verdict(arms, chosen, settings, data)
    if arms[chosen.arm].uses_gan:
        summary["worth"] = worth(_curve(arms, chosen, data), settings.confidence)
    return summary


def _curve(arms: Mapping[str, ArmScores], chosen: Comparison, data: Data) -> list[Point]:
    """Return the lead of the augmented arm over the reference with its labels, and with more.

    Arms with more labels have no pseudo-labels, as the reference may have.
    """
    arm, reference = arms[chosen.arm], arms[chosen.reference]
    same = replace(reference.arm, pseudo_labels=0.0, pseudo_label_threshold=Arm().pseudo_label_threshold)
    points = [Point(data.labels(reference.arm), data.gain(arm, reference))]
    for scores in arms.values():
        if scores.arm.labels != "limited" and replace(scores.arm, labels="limited") == same:
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


def _verdict(arms: Mapping[str, ArmScores], chosen: Comparison, settings: Evaluate, data: Data) -> dict[str, Any]:
    arm, reference = arms[chosen.arm], arms[chosen.reference]
    estimate = data.gain(arm, reference)
    interval = estimate.interval(settings.confidence).as_dict()
    verdict = judge(estimate, settings.smallest_gain, settings.confidence)
    found = {
        "answer": verdict.answer if arm.uses_gan else "not used",
        "gain": interval["mean"],
        "low": interval["low"],
        "high": interval["high"],
        "reference": chosen.reference,
        "arm": chosen.arm,
        "minimum_detectable": None if verdict.minimum_detectable is None else round(verdict.minimum_detectable, 6),
        "replicates_needed": verdict.replicates_needed,
    }
    told = sentence(found, len(estimate.per_replicate), settings.smallest_gain)
    if arm.uses_gan and arm.knows > reference.knows:
        told += f" {chosen.arm} has also learned from images without labels, as {chosen.reference} has not."
    if data.overlap == 1:
        told += " All replicates have the same training images: this is about these very images."
    return {"sentence": told, **found}


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
