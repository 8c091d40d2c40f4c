"""Turns the arms' scores into results/summary.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ganaug.core.text import joined
from ganaug.experiment.answer import headline
from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.arm_words import arm_in_words
from ganaug.experiment.comparison import ArmScores, Comparison, ExperimentData, Together, choose_comparison
from ganaug.experiment.evaluate_settings import Evaluate, TrainedOn
from ganaug.experiment.label_equivalent import Point, label_equivalent
from ganaug.experiment.metrics import Metric
from ganaug.experiment.quantity import Quantity
from ganaug.experiment.reported import Reported, reported
from ganaug.experiment.statistics import Estimate, bonferroni, decide
from ganaug.experiment.summary_types import (
    ArmPart,
    ComparedPart,
    DatasetPart,
    DecidedPart,
    EndsPart,
    GainPart,
    IntervalPart,
    Results,
    WordedPart,
    arm_part,
    gain_part,
    interval_in,
)
from ganaug.experiment.verdicts import WITHOUT_GAN, ArmAnswer
from ganaug.experiment.wording import caveats, label_equivalent_sentence, verdict_sentence


def summarise(
    arms: Mapping[str, ArmScores],
    settings: Evaluate,
    data: ExperimentData,
    findings: Mapping[int, Sequence[str]],
) -> Results:
    """Return the part of results/summary.json that the arms' scores decide.

    findings: names of the findings in each replicate's GAN training. If the best augmented arm does without the GAN,
    the verdict is `not used` and there is no `label_equivalent`.
    """
    metric, metrics = settings.metric, reported(settings.metric)
    chosen = choose_comparison(arms, metric, settings.reference)
    arm, reference = (Together(tuple(arms[name] for name in side)) for side in (chosen.arms, chosen.references))
    others = [name for name in arms if name not in chosen.references]
    level = settings.verdict_level(len(data.train_sets))
    simultaneous = bonferroni(level, len(others))
    results: Results = {
        "dataset": _dataset(data),
        "replicates": list(data.train_sets),
        "overlap": round(data.overlap, 6),
        "findings": {str(replicate): list(names) for replicate, names in findings.items()},
        "confidence_level": settings.confidence_level,
        "smallest_gain": settings.smallest_gain,
        "metric": metric.key,
        "metrics": {one.key: Quantity.of(one).as_dict() for one in metrics.whole},
        "reference": joined(chosen.references),
        "arms": {name: _arm(scores, data, metrics, settings) for name, scores in arms.items()},
        "gains": {
            name: _gain(arms[name], reference, joined(chosen.references), data, metrics, settings, simultaneous)
            for name in others
        },
        "verdict": {
            **_verdict(arm, reference, chosen, settings, data),
            "metrics": {one.key: _compared(arm, reference, data, one, simultaneous) for one in metrics.whole},
        },
        "spread": data.spread(arm, reference, metric).as_dict(),
    }
    if arm.uses_gan:
        equivalent = label_equivalent(_gain_by_labels(arms, chosen, data, metric), level)
        sentence = label_equivalent_sentence(equivalent, level)
        results["label_equivalent"] = {"sentence": sentence, **equivalent.as_dict()}
    return results


SHARED = TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN
"""What is the same, or nearly so, in all replicates."""


def _dataset(data: ExperimentData) -> DatasetPart:
    return {
        "name": data.test.source.get("title", data.test.source["name"]),
        "classes": list(data.test.classes),
        "image_shape": list(data.test.shape),
        "train_per_class": next(iter(data.train_sets.values())).counts,
        "test_size": len(data.test),
        "test_groups": data.test.number_of_groups,
    }


def _gain_by_labels(
    arms: Mapping[str, ArmScores], chosen: Comparison, data: ExperimentData, metric: Metric
) -> list[Point]:
    """Return the augmented arm's gain over the reference, and over arms like the reference but with more labels.

    Pseudo-labels are ignored in this comparison: the reference may have them, arms with more labels never do. Of
    several references, those that have such arms count.
    """
    arm = Together(tuple(arms[name] for name in chosen.arms))
    more = {name: _more_labels(arms[name], arms.values(), data) for name in chosen.references}
    counting = [name for name in chosen.references if more[name]] or chosen.references
    by_size = {data.labels_per_class(arms[counting[0]].arm): [arms[name] for name in counting]}
    for size in set.intersection(*(set(more[name]) for name in counting)):
        by_size[size] = [copy for name in counting for copy in more[name][size]]
    return [Point(size, data.gain(arm, Together(tuple(same)), metric)) for size, same in sorted(by_size.items())]


def _more_labels(reference: ArmScores, arms: Iterable[ArmScores], data: ExperimentData) -> dict[float, list[ArmScores]]:
    """Return the arms that are like the reference but have more labels, by their labels per class."""
    same = replace(reference.arm, pseudo_labels=0.0, pseudo_label_threshold=Arm().pseudo_label_threshold)
    found: dict[float, list[ArmScores]] = {}
    for scores in arms:
        if scores.arm.labels != "limited" and replace(scores.arm, labels="limited") == same:
            found.setdefault(data.labels_per_class(scores.arm), []).append(scores)
    return found


def _gain(
    arm: ArmScores,
    reference: Together,
    over: str,
    data: ExperimentData,
    metrics: Reported,
    settings: Evaluate,
    confidence_level: float,
) -> GainPart:
    """Return an arm's gains over the reference, which is called `over`.

    confidence_level: that of each arm's interval. It is so high that the intervals of all arms hold simultaneously;
    those of an arm's classes do so too. `alone` is the gain in the deciding metric with the interval that it would have
    by itself, as in the verdict.
    """

    def interval(metric: Metric, level: float) -> IntervalPart:
        return _interval(data.gain(arm, reference, metric), metric, level)

    def answer(level: float) -> ArmAnswer:
        if arm.group == "augmented" and not arm.uses_gan:
            return "not used"
        found = decide(data.gain(arm, reference, settings.metric), settings.smallest_gain, level).answer
        return found if arm.uses_gan else WITHOUT_GAN[found]

    alone = settings.verdict_level(len(data.train_sets))
    per_class = bonferroni(alone, len(data.test.classes))
    return gain_part(
        {
            "reference": over,
            "answer": answer(confidence_level),
            "alone": {"answer": answer(alone), **interval(settings.metric, alone)},
        },
        whole={metric.key: interval(metric, confidence_level) for metric in metrics.whole},
        by_class={
            name: {of_class: interval(metric, per_class) for of_class, metric in by_class.items()}
            for name, by_class in metrics.by_class(data.test.classes).items()
        },
    )


def _interval(gain: Estimate, metric: Metric, confidence_level: float) -> IntervalPart:
    return gain.interval(confidence_level).within(-metric.largest_gain, metric.largest_gain).as_dict()


def _compared(
    arm: Together, reference: Together, data: ExperimentData, metric: Metric, confidence_level: float
) -> ComparedPart:
    return {
        "arm": round(arm.mean(metric), 6),
        "reference": round(reference.mean(metric), 6),
        "gain": _interval(data.gain(arm, reference, metric), metric, confidence_level),
    }


def _verdict(
    arm: Together, reference: Together, chosen: Comparison, settings: Evaluate, data: ExperimentData
) -> WordedPart:
    estimate, level = data.gain(arm, reference, settings.metric), settings.verdict_level(len(data.train_sets))
    interval = _interval(estimate, settings.metric, level)
    verdict, quantity = decide(estimate, settings.smallest_gain, level), Quantity.of(settings.metric)
    difference: EndsPart = {"mean": interval["mean"], "low": interval["low"], "high": interval["high"]}
    own: EndsPart = difference if arm.uses_gan else {"mean": 0.0, "low": 0.0, "high": 0.0}
    fields: DecidedPart = {
        "answer": verdict.answer if arm.uses_gan else "not used",
        "gain": own["mean"],
        "low": own["low"],
        "high": own["high"],
        "difference": difference,
        "reference": joined(chosen.references),
        "arm": joined(chosen.arms),
        "references": list(chosen.references),
        "arms": list(chosen.arms),
        "minimum_detectable": None if verdict.minimum_detectable is None else round(verdict.minimum_detectable, 6),
        "replicates_needed": verdict.replicates_needed,
        "confidence_level": round(level, 6),
    }
    sentence = verdict_sentence(
        fields,
        replicates=len(estimate.per_replicate),
        confidence_level=level,
        smallest_gain=settings.smallest_gain,
        quantity=quantity,
    )
    opening = headline(fields, quantity, [one.tried for one in arm.arms])
    limits = caveats(
        fields,
        only_arm_saw=(arm.trained_on & ~reference.trained_on).words if arm.uses_gan else (),
        shared=((arm.trained_on | reference.trained_on) & SHARED).words,
        same_training_images=data.overlap == 1,
        look=settings.look(len(data.train_sets)),
    )
    return {"headline": opening, "sentence": " ".join([sentence, *limits]), **fields}


def _arm(scores: ArmScores, data: ExperimentData, metrics: Reported, settings: Evaluate) -> ArmPart:
    level = settings.verdict_level(len(data.train_sets))

    def interval(metric: Metric) -> IntervalPart:
        return data.score(scores, metric).interval(level).within(metric.lowest, metric.highest).as_dict()

    def mean(metric: Metric) -> float:
        return round(float(np.mean(scores.test.values(metric))), 6)

    return arm_part(
        {
            "group": scores.group,
            "words": arm_in_words(scores.arm, scores.synthetic),
            "trained_on": ", ".join(scores.trained_on.words) or "labels",
            "gan": list(scores.gan_parts),
            "synthetic": scores.synthetic,
            "synthetic_until": scores.arm.synthetic_until,
            "tried": dict(scores.tried),
        },
        whole={metric.key: interval(metric) for metric in metrics.whole},
        validation=(settings.metric.key, round(scores.val.mean(settings.metric), 6)),
        by_class={
            name: {of_class: mean(metric) for of_class, metric in by_class.items()}
            for name, by_class in metrics.by_class(scores.test.classes).items()
        },
        confusion=scores.test.confusion.tolist(),
    )


def headline_metrics(results: Results) -> dict[str, dict[str, float]]:
    """Return the few metrics that fit in `dvc metrics show` and MLflow's run table."""
    metric = results["metric"]
    return {
        metric: {name: interval_in(arm, metric)["mean"] for name, arm in results["arms"].items()},
        "gain": {name: interval_in(gain, metric)["mean"] for name, gain in results["gains"].items()},
        "verdict": {"gain": results["verdict"]["gain"]},
    }
