"""Which two arms the verdict compares, and how their scores become a gain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ganaug.classifier.scores import Scores, comparable_mean
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.clusters import Clusters
from ganaug.experiment.evaluate_settings import TrainedOn
from ganaug.experiment.plan import Spread
from ganaug.experiment.statistics import Estimate, estimate_gain


@dataclass(frozen=True)
class ArmScores:
    """Scores of one arm on the validation and test sets, one entry per replicate."""

    arm: Arm
    group: str
    """baseline or augmented."""
    trained_on: TrainedOn
    val: tuple[Scores, ...]
    test: tuple[Scores, ...]
    synthetic: float = 0.0
    """Fraction of synthetic images in its batches, chosen on validation."""

    @property
    def uses_gan(self) -> bool:
        """Whether the final classifiers use the GAN: an arm that may choose 0 synthetic images may do without."""
        return self.synthetic > 0 or self.arm.uses_discriminator

    @property
    def correct(self) -> np.ndarray:
        """(R, S, N) bool: which test images each of a replicate's classifiers gets right."""
        return np.array([scores.right for scores in self.test])

    def test_metric(self, name: str) -> tuple[float, ...]:
        """Return one metric on the test set, one value per replicate."""
        return tuple(getattr(scores, name) for scores in self.test)

    @property
    def val_balanced_accuracy(self) -> float:
        """Mean balanced accuracy on the validation set."""
        return comparable_mean([scores.balanced_accuracy for scores in self.val])


@dataclass(frozen=True)
class Comparison:
    """The two arms that the verdict compares.

    Both are chosen on validation images; choosing on test images would favour arms that were lucky there.
    """

    arm: str
    """The best augmented arm."""
    reference: str
    """The baseline arm."""


def choose_comparison(arms: Mapping[str, ArmScores], reference: str | None = None) -> Comparison:
    """Return the best augmented arm and the best baseline arm trained on no more information, both on validation.

    reference: name of the baseline arm; None: choose it. Arms with more labels are never chosen; `params.read_params`
    ensures that there are others. Ties go to the arm that comes first.
    """

    def best(group: str, limit: TrainedOn) -> str:
        names = [name for name, scores in arms.items() if scores.group == group and scores.trained_on in limit]
        return max(names, key=lambda name: arms[name].val_balanced_accuracy)

    arm = best("augmented", TrainedOn.UNLABELLED | TrainedOn.OTHER_DOMAIN | TrainedOn.DESCRIPTIONS)
    return Comparison(arm, reference or best("baseline", arms[arm].trained_on))


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

    def labels_per_class(self, arm: Arm) -> float:
        """Return an arm's number of labelled images per class, averaged over classes."""
        if isinstance(arm.labels, int):
            return float(arm.labels)
        counts = next(iter(self.train_sets.values())).counts if arm.labels == "limited" else self.pool
        return sum(counts.values()) / len(counts)

    def gain(
        self,
        arm: ArmScores,
        reference: ArmScores,
        images: np.ndarray | slice = slice(None),
        labels: np.ndarray | None = None,
    ) -> Estimate:
        """Estimate the gain in balanced accuracy of one arm over another.

        images: the test images to use, as a mask or slice; labels: (N,), other classes to balance over.
        If every training set is the whole pool, the gain holds for exactly these training images.
        """
        if not arm.uses_gan and np.array_equal(arm.correct, reference.correct):  # the same classifiers: no sampling
            replicates = len(self.train_sets)
            return Estimate(0.0, (0.0,) * replicates, 0.0 if replicates > 1 else None, 0.0)
        balanced = np.asarray(self.test.labels) if labels is None else labels
        return estimate_gain(
            arm.correct[..., images],
            reference.correct[..., images],
            balanced[images],
            groups=self.test.group_ids[images],
            overlap=self.overlap if self.overlap < 1 else 0.0,
        )

    def spread(self, arm: ArmScores, reference: ArmScores) -> Spread:
        """Return how much the gain of one arm over another varies between replicates, seeds and test images."""
        weights = Clusters.of(self.test.labels, self.test.group_ids).weights
        gains = (arm.correct.astype(np.float64) - reference.correct) @ weights
        return Spread.of(self.gain(arm, reference), gains)
