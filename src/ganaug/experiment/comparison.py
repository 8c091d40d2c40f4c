"""Chooses the arms that the verdict compares, and estimates gains from their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Literal

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.evaluate_settings import TrainedOn
from ganaug.experiment.metrics import Metric
from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.statistics.gains import (
    PerImage,
    estimate_metric_gain,
    estimate_score,
    gains_of_classifiers,
    no_gain,
    per_image,
)
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.statistics.spread import Spread


@dataclass(frozen=True, eq=False)
class ArmScores:
    """Predictions of one arm's classifiers for the validation and test sets."""

    arm: Arm
    group: Literal["baseline", "augmented"]
    trained_on: TrainedOn
    val: Measured
    test: Measured
    synthetic: float = 0.0
    """Fraction of synthetic images in its batches, chosen on validation."""
    tried: Mapping[str, float] = field(default_factory=dict)
    """Share of synthetic images → deciding metric on validation; empty if there was no choice."""
    _per_image: dict[Metric, PerImage] = field(default_factory=dict, init=False, repr=False)

    @property
    def gan_parts(self) -> tuple[str, ...]:
        """The parts of the GAN that the final classifiers use: "images", "discriminator", both, or none."""
        parts = {"images": self.synthetic > 0, "discriminator": self.arm.uses_discriminator}
        return tuple(name for name, used in parts.items() if used)

    @property
    def uses_gan(self) -> bool:
        """Whether the final classifiers use the GAN: an augmented arm may have chosen 0 as its synthetic share."""
        return bool(self.gan_parts)

    def per_image(self, metric: Metric) -> PerImage:
        """Return a metric's values for single test images, computed only once."""
        if metric not in self._per_image:
            self._per_image[metric] = per_image(metric, self.test)
        return self._per_image[metric]


@dataclass(frozen=True)
class Together:
    """Arms that tie on validation, treated as one arm whose values for single images are the arms' means."""

    arms: tuple[ArmScores, ...]

    @property
    def uses_gan(self) -> bool:
        """Whether any of the arms uses the GAN."""
        return any(arm.uses_gan for arm in self.arms)

    @property
    def trained_on(self) -> TrainedOn:
        """Everything that any of the arms was trained on."""
        return reduce(or_, (arm.trained_on for arm in self.arms))

    def per_image(self, metric: Metric) -> PerImage:
        """Return the means of the arms' values for single test images."""
        first, *others = (arm.per_image(metric) for arm in self.arms)
        if not others:
            return first
        return first._replace(values=sum((other.values for other in others), first.values * 1.0) / len(self.arms))

    def mean(self, metric: Metric) -> float:
        """Return the mean of a metric on the test set over arms and replicates."""
        return float(np.mean([arm.test.values(metric) for arm in self.arms]))


@dataclass(frozen=True)
class Comparison:
    """The arms that the verdict compares.

    Both sides are chosen on validation images; choosing on test images would favour arms that were lucky there. If
    several arms tie on validation, all are included: their order in params.yaml must not matter.
    """

    arms: tuple[str, ...]
    """The best augmented arm, or several in alphabetical order."""
    references: tuple[str, ...]
    """The reference arm, or several in alphabetical order."""


def choose_comparison(arms: Mapping[str, ArmScores], metric: Metric, reference: str | None = None) -> Comparison:
    """Return the best augmented arms and the best baseline arms trained on no more information, both on validation.

    metric: decides which arms are best. reference: name of the baseline arm; None: choose it. Arms with more labels are
    never chosen; `params.read_params` ensures that there are others. If augmented arms tie, the baseline arms may be
    trained on what any of them was.
    """

    def best(group: str, limit: TrainedOn) -> tuple[str, ...]:
        merits = {
            name: metric.merit(scores.val.mean(metric))
            for name, scores in sorted(arms.items())
            if scores.group == group and scores.trained_on in limit
        }
        return tuple(name for name, merit in merits.items() if merit == max(merits.values()))

    chosen = best("augmented", ~TrainedOn.MORE_LABELS)
    trained_on = Together(tuple(arms[name] for name in chosen)).trained_on
    return Comparison(chosen, (reference,) if reference else best("baseline", trained_on))


@dataclass(frozen=True)
class ExperimentData:
    """The images that the arms were trained and tested on."""

    test: LabelledImages
    train_sets: Mapping[int, LabelledImages]
    """The training set of each replicate, in the order of the replicates."""
    pool: Mapping[str, int]
    """Number of images of each class in the training pool."""

    @property
    def overlap(self) -> float:
        """Expected fraction of a class's training images that two replicates share, averaged over classes.

        1 if every training set is the whole pool. All classes have the same weight, as in balanced accuracy: classes
        with many images share most of them and vary least.
        """
        counts = next(iter(self.train_sets.values())).counts
        return float(np.mean([count / self.pool[name] for name, count in counts.items()]))

    @property
    def _estimable_overlap(self) -> float:
        """The overlap, or 0 if every training set is the whole pool: figures then hold for these images only."""
        return self.overlap if self.overlap < 1 else 0.0

    def labels_per_class(self, arm: Arm) -> float:
        """Return an arm's number of labelled images per class, averaged over classes."""
        if isinstance(arm.labels, int):
            return float(arm.labels)
        counts = next(iter(self.train_sets.values())).counts if arm.labels == "limited" else self.pool
        return sum(counts.values()) / len(counts)

    def score(self, arm: ArmScores, metric: Metric) -> Estimate:
        """Estimate a metric of one arm on its own."""
        return estimate_score(arm.per_image(metric), overlap=self._estimable_overlap)

    def gain(self, arm: ArmScores | Together, reference: ArmScores | Together, metric: Metric) -> Estimate:
        """Estimate the gain in a metric of one arm, or of tied arms, over the reference."""
        of_arm, of_reference = arm.per_image(metric), reference.per_image(metric)
        if not arm.uses_gan and np.array_equal(of_arm.values, of_reference.values):  # same classifiers: no sampling
            return no_gain(len(self.train_sets))
        return estimate_metric_gain(metric, of_arm, of_reference, overlap=self._estimable_overlap)

    def spread(self, arm: ArmScores | Together, reference: ArmScores | Together, metric: Metric) -> Spread:
        """Return how much the gain of one arm over another varies between replicates, seeds and test images."""
        gains = gains_of_classifiers(metric, arm.per_image(metric), reference.per_image(metric))
        return Spread.of(self.gain(arm, reference, metric), gains)
