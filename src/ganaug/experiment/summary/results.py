"""Turns the arms' scores into the results in summary.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ganaug.core.text import joined
from ganaug.experiment.arms.description import arm_in_words
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.comparison import ArmScores, Comparison, ExperimentData, Together, choose_comparison
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.metrics import Metric
from ganaug.experiment.statistics.estimate import bonferroni, decide
from ganaug.experiment.statistics.gains import possible_gain
from ganaug.experiment.statistics.label_equivalent import Point, label_equivalent, label_equivalent_sentence
from ganaug.experiment.summary.metric_keys import arm_part, gain_part, interval_in
from ganaug.experiment.summary.rules import Rules
from ganaug.experiment.summary.types import ArmPart, ComparedPart, DatasetPart, GainPart, IntervalPart, Results
from ganaug.experiment.verdict import verdict_in_words
from ganaug.experiment.verdicts import WITHOUT_GAN, ArmAnswer
from ganaug.experiment.words.quantity import Quantity


def summarise(
    arms: Mapping[str, ArmScores],
    settings: Evaluate,
    data: ExperimentData,
    findings: Mapping[int, Sequence[str]],
    idle: Mapping[str, Sequence[Answers]] = {},
) -> Results:
    """Return the results: figures and gains of all arms, and the verdict.

    findings: names of the findings in each replicate's GAN training. idle: arms that have learned nothing, with their
    answers on the validation images of each replicate; if one of these arms is compared, the verdict is `nothing
    learned`. If the best augmented arm does without the GAN, the verdict is `not used`. In both cases, there is no
    `label_equivalent`.
    """
    metric = settings.metric
    chosen = choose_comparison(arms, metric, settings.reference)
    arm, reference = (Together(tuple(arms[name] for name in side)) for side in (chosen.arms, chosen.references))
    others = [name for name in arms if name not in chosen.references]
    rules = Rules.of(settings, data, len(others))
    verdict = verdict_in_words(arm, reference, chosen, rules, idle)
    results: Results = {
        "dataset": _dataset(data),
        "replicates": list(data.train_sets),
        "overlap": round(data.overlap, 6),
        "findings": {str(replicate): list(names) for replicate, names in findings.items()},
        "confidence_level": settings.confidence_level,
        "smallest_gain": settings.smallest_gain,
        "metric": metric.key,
        "metrics": {reported.key: Quantity.of(reported).as_dict() for reported in rules.metrics.whole},
        "reference": joined(chosen.references),
        "arms": {name: _arm(scores, rules) for name, scores in arms.items()},
        "gains": {name: _gain(arms[name], reference, joined(chosen.references), rules) for name in others},
        "verdict": {
            **verdict,
            "metrics": {reported.key: _compared(arm, reference, reported, rules) for reported in rules.metrics.whole},
        },
        "spread": data.spread(arm, reference, metric).as_dict(),
    }
    if verdict["answer"] not in ("not used", "nothing learned"):
        equivalent = label_equivalent(_gain_by_labels(arms, chosen, data, metric), rules.level)
        sentence = label_equivalent_sentence(equivalent, rules.level)
        results["label_equivalent"] = {"sentence": sentence, **equivalent.as_dict()}
    return results


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

    Likeness ignores pseudo-labels: the reference may have them, but arms with more labels never do. If there are
    several references, those with such arms count.
    """
    arm = Together(tuple(arms[name] for name in chosen.arms))
    more = {name: _more_labels(arms[name], arms.values(), data) for name in chosen.references}
    counting = [name for name in chosen.references if more[name]] or chosen.references
    by_size = {data.labels_per_class(arms[counting[0]].arm): [arms[name] for name in counting]}
    for size in set.intersection(*(set(more[name]) for name in counting)):
        by_size[size] = [copy for name in counting for copy in more[name][size]]
    return [Point(size, data.gain(arm, Together(tuple(same)), metric)) for size, same in sorted(by_size.items())]


def _more_labels(reference: ArmScores, arms: Iterable[ArmScores], data: ExperimentData) -> dict[float, list[ArmScores]]:
    """Return the arms that are like the reference but have more labels, by labels per class."""
    same = replace(reference.arm, pseudo_labels=0.0, pseudo_label_threshold=Arm().pseudo_label_threshold)
    by_labels: dict[float, list[ArmScores]] = {}
    for scores in arms:
        if scores.arm.labels != "limited" and replace(scores.arm, labels="limited") == same:
            by_labels.setdefault(data.labels_per_class(scores.arm), []).append(scores)
    return by_labels


def _gain(arm: ArmScores, reference: Together, over: str, rules: Rules) -> GainPart:
    """Return an arm's gains over the reference, which is called `over`.

    The intervals of all arms hold simultaneously, and so do the intervals of an arm's classes. `alone` is the gain in
    the deciding metric with the interval that it would have by itself, as in the verdict.
    """
    data, settings, classes = rules.data, rules.settings, rules.data.test.classes

    def interval(metric: Metric, level: float) -> IntervalPart:
        return possible_gain(data.gain(arm, reference, metric), metric, level)

    def answer(level: float) -> ArmAnswer:
        if arm.group == "augmented" and not arm.uses_gan:
            return "not used"
        decision = decide(data.gain(arm, reference, settings.metric), settings.smallest_gain, level).answer
        return decision if arm.uses_gan else WITHOUT_GAN[decision]

    per_class = bonferroni(rules.level, len(classes))
    return gain_part(
        {
            "reference": over,
            "answer": answer(rules.simultaneous),
            "alone": {"answer": answer(rules.level), **interval(settings.metric, rules.level)},
        },
        whole={metric.key: interval(metric, rules.simultaneous) for metric in rules.metrics.whole},
        by_class={
            name: {of_class: interval(metric, per_class) for of_class, metric in by_class.items()}
            for name, by_class in rules.metrics.by_class(classes).items()
        },
    )


def _compared(arm: Together, reference: Together, metric: Metric, rules: Rules) -> ComparedPart:
    return {
        "arm": round(arm.mean(metric), 6),
        "reference": round(reference.mean(metric), 6),
        "gain": possible_gain(rules.data.gain(arm, reference, metric), metric, rules.simultaneous),
    }


def _arm(scores: ArmScores, rules: Rules) -> ArmPart:
    deciding = rules.settings.metric

    def interval(metric: Metric) -> IntervalPart:
        unclipped = rules.data.score(scores, metric).interval(rules.level)
        return unclipped.within(metric.lowest, metric.highest).as_dict()

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
        whole={metric.key: interval(metric) for metric in rules.metrics.whole},
        validation=(deciding.key, round(scores.val.mean(deciding), 6)),
        by_class={
            name: {of_class: mean(metric) for of_class, metric in by_class.items()}
            for name, by_class in rules.metrics.by_class(scores.test.classes).items()
        },
        confusion=scores.test.confusion.tolist(),
    )


def headline_metrics(results: Results) -> dict[str, dict[str, float]]:
    """Return a few metrics for `dvc metrics show` and MLflow's run table."""
    metric = results["metric"]
    return {
        metric: {name: interval_in(arm, metric)["mean"] for name, arm in results["arms"].items()},
        "gain": {name: interval_in(gain, metric)["mean"] for name, gain in results["gains"].items()},
        "verdict": {"gain": results["verdict"]["gain"]},
    }
