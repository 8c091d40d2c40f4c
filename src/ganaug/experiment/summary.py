"""Turns the arms' scores into results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.comparison import ArmScores, Comparison, ExperimentData, choose_comparison
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.label_equivalent import Point, label_equivalent
from ganaug.experiment.statistics import bonferroni, decide, t_interval
from ganaug.experiment.wording import caveats, label_equivalent_sentence, verdict_sentence

METRICS = ("accuracy", "balanced_accuracy", "macro_f1")


def summarise(
    arms: Mapping[str, ArmScores],
    settings: Evaluate,
    data: ExperimentData,
    findings: Mapping[int, Sequence[str]],
) -> dict[str, Any]:
    """Return all of results/summary.json except `quality` and `cost`.

    findings: names of the findings in each replicate's GAN training. If the best augmented arm does without the GAN,
    the verdict is `not used` and there is no `label_equivalent`.
    """
    chosen = choose_comparison(arms, settings.reference)
    others = [name for name in arms if name != chosen.reference]
    simultaneous = bonferroni(settings.confidence_level, len(others))
    summary = {
        "dataset": _dataset(data),
        "replicates": list(data.train_sets),
        "overlap": round(data.overlap, 6),
        "findings": {str(replicate): list(names) for replicate, names in findings.items()},
        "confidence_level": settings.confidence_level,
        "smallest_gain": settings.smallest_gain,
        "reference": chosen.reference,
        "arms": {name: _arm(scores, data, settings.confidence_level) for name, scores in arms.items()},
        "gains": {
            name: {"reference": chosen.reference}
            | _gain(arms[name], arms[chosen.reference], data, settings, simultaneous)
            for name in others
        },
        "verdict": _verdict(arms, chosen, settings, data),
        "spread": data.spread(arms[chosen.arm], arms[chosen.reference]).as_dict(),
    }
    if arms[chosen.arm].uses_gan:
        equivalent = label_equivalent(_gain_by_labels(arms, chosen, data), settings.confidence_level)
        sentence = label_equivalent_sentence(equivalent, settings.confidence_level)
        summary["label_equivalent"] = {"sentence": sentence, **equivalent.as_dict()}
    return summary


def _dataset(data: ExperimentData) -> dict[str, Any]:
    return {
        "name": data.test.source.get("title", data.test.source["name"]),
        "classes": list(data.test.classes),
        "image_shape": list(data.test.shape),
        "train_per_class": next(iter(data.train_sets.values())).counts,
        "test_size": len(data.test),
        "test_groups": data.test.number_of_groups,
    }


def _gain_by_labels(arms: Mapping[str, ArmScores], chosen: Comparison, data: ExperimentData) -> list[Point]:
    """Return the augmented arm's gain over the reference, and over arms like the reference but with more labels.

    Pseudo-labels are ignored in this comparison: the reference may have them, arms with more labels never do.
    """
    arm, reference = arms[chosen.arm], arms[chosen.reference]
    same = replace(reference.arm, pseudo_labels=0.0, pseudo_label_threshold=Arm().pseudo_label_threshold)
    points = [Point(data.labels_per_class(reference.arm), data.gain(arm, reference))]
    for scores in arms.values():
        if scores.arm.labels != "limited" and replace(scores.arm, labels="limited") == same:
            points.append(Point(data.labels_per_class(scores.arm), data.gain(arm, scores)))
    return points


def _gain(
    arm: ArmScores, reference: ArmScores, data: ExperimentData, settings: Evaluate, confidence_level: float
) -> dict[str, Any]:
    """Return an arm's gains over the reference.

    confidence_level: of each arm's interval. The intervals of an arm's classes hold simultaneously; the interval of
    macro-F1 is over replicates alone.
    """
    labels, classes = np.asarray(data.test.labels), data.test.classes
    balanced = data.gain(arm, reference)
    accuracy = data.gain(arm, reference, labels=np.zeros_like(labels))
    differences = [a - b for a, b in zip(arm.test_metric("macro_f1"), reference.test_metric("macro_f1"), strict=True)]
    per_class = bonferroni(settings.confidence_level, len(classes))
    return {
        "answer": decide(balanced, settings.smallest_gain, confidence_level).answer,
        "balanced_accuracy": balanced.interval(confidence_level).within(-1, 1).as_dict(),
        "accuracy": accuracy.interval(confidence_level).within(-1, 1).as_dict(),
        "macro_f1": t_interval(differences, confidence_level).within(-1, 1).as_dict(),
        "recall": {
            name: data.gain(arm, reference, labels == label).interval(per_class).within(-1, 1).as_dict()
            for label, name in enumerate(classes)
        },
    }


def _verdict(
    arms: Mapping[str, ArmScores], chosen: Comparison, settings: Evaluate, data: ExperimentData
) -> dict[str, Any]:
    arm, reference = arms[chosen.arm], arms[chosen.reference]
    estimate, level = data.gain(arm, reference), settings.verdict_level(len(data.train_sets))
    interval = estimate.interval(level).within(-1, 1).as_dict()
    verdict = decide(estimate, settings.smallest_gain, level)
    fields = {
        "answer": verdict.answer if arm.uses_gan else "not used",
        "gain": interval["mean"],
        "low": interval["low"],
        "high": interval["high"],
        "reference": chosen.reference,
        "arm": chosen.arm,
        "minimum_detectable": None if verdict.minimum_detectable is None else round(verdict.minimum_detectable, 6),
        "replicates_needed": verdict.replicates_needed,
        "confidence_level": round(level, 6),
    }
    sentence = verdict_sentence(
        fields,
        replicates=len(estimate.per_replicate),
        confidence_level=level,
        smallest_gain=settings.smallest_gain,
    )
    limits = caveats(
        fields,
        only_arm_saw=(arm.trained_on & ~reference.trained_on).words if arm.uses_gan else (),
        same_training_images=data.overlap == 1,
        look=settings.look(len(data.train_sets)),
    )
    return {"sentence": " ".join([sentence, *limits]), **fields}


def _arm(scores: ArmScores, data: ExperimentData, confidence_level: float) -> dict[str, Any]:
    recall = np.mean([replicate.recall for replicate in scores.test], axis=0)
    metrics = {name: t_interval(scores.test_metric(name), confidence_level).within(0, 1).as_dict() for name in METRICS}
    return {
        "group": scores.group,
        "trained_on": ", ".join(scores.trained_on.words) or "labels",
        "synthetic": scores.synthetic,
        **metrics,
        "val_balanced_accuracy": round(scores.val_balanced_accuracy, 6),
        "recall": _by_class(data.test.classes, recall),
        "confusion": np.sum([replicate.confusion for replicate in scores.test], axis=0).tolist(),
    }


def average_quality(qualities: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return each figure of quality.json, averaged over the replicates that have it; None if none has.

    qualities: the content of each replicate's quality.json. Of stand-ins, each attack is averaged too.
    """
    first = qualities[0]
    figures = {
        name: {key: figure[key] for key in ("better", "ideal", "sees")}
        | _mean_figures([quality["figures"][name] for quality in qualities])
        for name, figure in first["figures"].items()
    }
    averaged = {"features": first["features"], "figures": figures}
    if "pretrained" in first:
        averaged["pretrained"] = first["pretrained"]
    if "stand_ins" in first:
        attacks = [quality["stand_ins"]["attacks"] for quality in qualities]
        averaged["stand_ins"] = {name: _mean_figures([found[name] for found in attacks]) for name in attacks[0]}
    return averaged


def _mean_figures(figures: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the mean of each column over the replicates that have a value; None if none has."""

    def mean(column: str) -> float | None:
        known = [figure[column] for figure in figures if figure[column] is not None]
        return round(float(np.mean(known)), 6) if known else None

    return {column: mean(column) for column in ("synthetic", "train", "held_out")}


def _by_class(classes: Sequence[str], values: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 6) for name, value in zip(classes, values, strict=True)}


def headline_metrics(summary: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the few metrics that fit in `dvc metrics show` and MLflow's run table."""
    return {
        "balanced_accuracy": {name: arm["balanced_accuracy"]["mean"] for name, arm in summary["arms"].items()},
        "gain": {name: arm["balanced_accuracy"]["mean"] for name, arm in summary["gains"].items()},
    }
