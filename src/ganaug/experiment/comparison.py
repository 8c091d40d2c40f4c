"""Which arms are compared, and how their scores become a gain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ganaug.classifier.scores import Scores, comparable_mean
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.evaluate_settings import Information
from ganaug.experiment.statistics import Estimate, gain_in_recall


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
        return self.synthetic > 0 or self.arm.uses_discriminator

    @property
    def right(self) -> np.ndarray:
        """(R, S, N) bool: which test images each of the replicates' classifiers got right."""
        return np.array([scores.right for scores in self.test])

    def figure(self, name: str) -> tuple[float, ...]:
        """Return one figure on the test set."""
        return tuple(getattr(scores, name) for scores in self.test)

    @property
    def mean_val(self) -> float:
        """Balanced accuracy on the validation set."""
        return comparable_mean([scores.balanced_accuracy for scores in self.val])


@dataclass(frozen=True)
class Comparison:
    """Which two arms the answer is about. Chosen on validation: the test set has no say, or luck would choose."""

    arm: str
    """The best augmented arm."""
    reference: str


def choose(arms: Mapping[str, ArmScores], reference: str | None = None) -> Comparison:
    """Return the best augmented arm and the best baseline arm that knows no more, both on validation.

    reference: the name of the latter, if it is given. Arms that know more labels are not chosen, and there are others
    (`params.read_params` sees to that). Ties go to the first.
    """

    def best(group: str, most: Information) -> str:
        names = [name for name, scores in arms.items() if scores.group == group and scores.knows <= most]
        return max(names, key=lambda name: arms[name].mean_val)

    arm = best("augmented", Information.UNLABELLED)
    return Comparison(arm, reference or best("baseline", arms[arm].knows))


@dataclass(frozen=True)
class Data:
    """What the arms learned from, and were tested on. trains: the training set of each replicate, in their order."""

    test: LabelledImages
    trains: Mapping[int, LabelledImages]
    pool: Mapping[str, int]
    """Images of each class in the training pool."""

    @property
    def overlap(self) -> float:
        """How much of a class's training images two replicates share, expected, the mean over classes.

        1 where the pool is the training set. Classes weigh the same, as they do in balanced accuracy: those with many
        images share most of them, and vary least.
        """
        counts = next(iter(self.trains.values())).counts
        return float(np.mean([count / self.pool[name] for name, count in counts.items()]))

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
        if not arm.uses_gan and np.array_equal(arm.right, reference.right):  # no coincidence: the same classifiers
            count = len(self.trains)
            return Estimate(0.0, (0.0,) * count, 0.0 if count > 1 else None, 0.0)
        balanced = np.asarray(self.test.labels) if labels is None else labels
        return gain_in_recall(
            arm.right[..., images],
            reference.right[..., images],
            balanced[images],
            groups=self.test.group_ids[images],
            overlap=self.overlap if self.overlap < 1 else 0.0,
        )
