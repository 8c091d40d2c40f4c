"""Findings about the arms' classifiers: pure functions of answers on validation images and of training histories."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from ganaug.core.finding import Finding
from ganaug.core.text import named
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.findings.chance import NOISE, at_chance, mean_balanced_accuracy
from ganaug.experiment.statistics.clusters import stratum_weights

FEW_CLASSES = 0.5
"""A classifier must predict more than this share of the classes: its balanced accuracy cannot be above the share."""
LATE_RISE = 0.05
"""Smallest rise in the last third of the steps that counts. The learning rate falls to 0, so the very end is flat even
in a run that is much too short. On the default data, arms with 25 steps rise by 29 to 43 points, and end 17 points
below longer arms; arms with 50 steps rise by 2 to 3 points, longer arms by at most 2, and more steps bring them little
(docs/results/training-and-health.md)."""

Row = Mapping[str, float]


class Learned(NamedTuple):
    """Records of what an arm's classifiers learned, one entry per replicate."""

    val: Sequence[Answers]
    """Answers on the validation images."""
    histories: Sequence[Sequence[Row]]
    """History of one classifier's training: rows with `step` and `val_balanced_accuracy`."""


class Validation(NamedTuple):
    """The validation images, and a nearest neighbour's answers on them."""

    classes: Sequence[str]
    labels: np.ndarray
    """(N,): true classes."""
    groups: np.ndarray
    """(N,): images of one group are one observation."""
    neighbour: Sequence[Answers]
    """Answers of each replicate's nearest-neighbour classifier on raw pixels."""


def arm_findings(arms: Mapping[str, Learned], compared: Collection[str], validation: Validation) -> list[Finding]:
    """Return the findings about all arms. compared: names of the arms that the verdict compares.

    An arm that leaves out classes is not also reported to be at chance. Only the compared arms have to beat the nearest
    neighbour: other arms may do without real images on purpose.
    """
    few = {name: arm for name, arm in arms.items() if _fewest_classes(arm) <= FEW_CLASSES * len(validation.classes)}
    guessing = {name: arm for name, arm in arms.items() if name not in few and at_chance(arm.val)}
    other = {name: arm for name, arm in arms.items() if name not in few and name not in guessing}
    findings = [
        _leave_out_classes(few, validation),
        _at_chance(guessing),
        _miss_the_largest(other, validation),
        _beaten({name: arms[name] for name in compared}, validation),
        _still_improving(arms),
    ]
    return [finding for finding in findings if finding is not None]


def _fewest_classes(arm: Learned) -> int:
    """Return the number of classes that are predicted at all, in the replicate where that is smallest."""
    return min(answers.classes for answers in arm.val)


def _leave_out_classes(arms: Mapping[str, Learned], validation: Validation) -> Finding | None:
    if not arms:
        return None
    fewest = min(map(_fewest_classes, arms.values()))
    return Finding(
        "predicts few classes",
        f"on the validation images, in at least one replicate, {named(arms)} predicted at most half of the "
        f"{len(validation.classes)} classes (at worst only {fewest})",
        "more train_classifier.steps, another learning_rate, or balanced: true if classes have different numbers of "
        "images",
    )


def _at_chance(arms: Mapping[str, Learned]) -> Finding | None:
    if not arms:
        return None
    best = max(mean_balanced_accuracy(arm.val) for arm in arms.values())
    chance = 1 / len(next(iter(arms.values())).val[0].images)
    return Finding(
        "no better than chance",
        f"on the validation images, {named(arms)} reached a balanced accuracy of at most {100 * best:.1f}%, where "
        f"guessing reaches {100 * chance:.1f}%",
        "more train_classifier.steps or another learning_rate; check that the labels fit the images",
    )


def _miss_the_largest(arms: Mapping[str, Learned], validation: Validation) -> Finding | None:
    """Find arms that do worse than always answering the largest class, and recognise less of that class than guessing.

    The first alone is no problem: an arm that treats all classes alike gives up accuracy in the largest class for the
    others. But it still gets more than 1/K of the largest class right.
    """
    counts = np.bincount(validation.labels, minlength=len(validation.classes))
    largest, chance = int(counts.argmax()), 1 / len(counts)
    share = float(counts[largest] / counts.sum())
    lowest = chance - NOISE * sqrt(chance * (1 - chance) / counts[largest])
    missing = {}
    for name, arm in arms.items():
        accuracy = float(np.mean([answers.right.mean() for answers in arm.val]))
        recall = float(np.mean([answers.recall[largest] for answers in arm.val]))
        if accuracy < share and recall < lowest:
            missing[name] = accuracy, recall
    if not missing:
        return None
    accuracy, recall = min(missing.values())
    return Finding(
        "misses the largest class",
        f"{named(missing)} classified only {100 * accuracy:.1f}% of the validation images correctly, where always "
        f"answering '{validation.classes[largest]}' gets {100 * share:.1f}%, and only {100 * recall:.1f}% of that "
        f"class, where guessing gets {100 * chance:.1f}%",
        "more train_classifier.steps, real images as they come (balanced: false), or fewer synthetic ones of the other "
        "classes",
    )


def _beaten(arms: Mapping[str, Learned], validation: Validation) -> Finding | None:
    beaten = {name: arm for name, arm in arms.items() if _is_beaten(arm, validation)}
    if not beaten:
        return None
    reached = ", ".join(f"`{name}` ({100 * mean_balanced_accuracy(arm.val):.1f}%)" for name, arm in beaten.items())
    return Finding(
        "worse than a nearest neighbour",
        f"on the validation images, a nearest-neighbour classifier on raw pixels has a balanced accuracy of "
        f"{100 * mean_balanced_accuracy(validation.neighbour):.1f}%, more than {reached}",
        "more train_classifier.steps, transforms, or another classifier; a gain over a classifier that has learned so "
        "little says nothing",
    )


def _is_beaten(arm: Learned, validation: Validation) -> bool:
    """Return whether the nearest neighbour is better by more than noise, as images are a sample, in groups.

    All classes have the same weight. The standard error is that of a weighted mean over groups (Taylor linearisation;
    Cochran, Sampling techniques, 1977, section 9A.2); it is not stratified by class, which makes it larger.
    """
    better = _right(validation.neighbour) - _right(arm.val)
    weights = stratum_weights(validation.labels)
    difference = float((weights * better).sum())
    _, groups = np.unique(validation.groups, return_inverse=True)
    parts = np.bincount(groups, weights * (better - difference))
    if len(parts) < 2:
        return False
    error = sqrt(float((parts**2).sum()) * len(parts) / (len(parts) - 1))
    return difference > NOISE * error + 1e-9


def _right(replicates: Sequence[Answers]) -> np.ndarray:
    """Return the share of classifiers that get each image right, (N,)."""
    share: np.ndarray = np.mean([answers.right.mean(0) for answers in replicates], axis=0)
    return share


def _still_improving(arms: Mapping[str, Learned]) -> Finding | None:
    rises = {name: rise for name, arm in arms.items() if (rise := _late_rise(arm)) is not None}
    if not rises:
        return None
    return Finding(
        "still improving at the last step",
        f"in the last third of the steps, the balanced accuracy of {named(rises)} on the validation images still rose "
        f"by {'up to ' if len(rises) > 1 else ''}{100 * max(rises.values()):.0f} points",
        "more train_classifier.steps, which all arms share",
    )


def _late_rise(arm: Learned) -> float | None:
    """Return the rise of the mean curve in the last third of the steps, or None if it is small or noise."""
    curves = [curve for history in arm.histories if (curve := list(_last_third(history)))]
    if len(curves) < len(arm.histories):
        return None
    start, end = np.mean(curves, axis=0)
    images = arm.val[0].images
    error = sqrt(2 * end * (1 - end) * float((1 / images).sum()) / len(curves)) / len(images)
    rise = float(end - start)
    return rise if rise > max(LATE_RISE, NOISE * error) else None


def _last_third(history: Sequence[Row]) -> Iterator[float]:
    """Yield the balanced accuracy at the start and at the end of the last third, or nothing if the start is unknown.

    A row in the sixth of the steps before the last third counts as its start.
    """
    end = history[-1]
    before = [row for row in history if 2 * row["step"] >= end["step"] >= 1.5 * row["step"] > 0]
    if before:
        yield before[-1]["val_balanced_accuracy"]
        yield end["val_balanced_accuracy"]
