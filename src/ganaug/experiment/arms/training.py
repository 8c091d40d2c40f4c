"""Trains the classifiers of one arm in one replicate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from torch import nn

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import predict, validate
from ganaug.classifier.pseudo_labels import Teacher, geometric_mean, pseudo_labelled
from ganaug.classifier.store import save_classifier
from ganaug.classifier.training import fit
from ganaug.core.config import ParamsFile
from ganaug.core.errors import error_context
from ganaug.core.files import write_rows
from ganaug.core.progress import Progress, with_offset
from ganaug.core.rows import Rows
from ganaug.core.seeding import derive
from ganaug.core.weights import ModelSpec
from ganaug.data.images import UNLABELLED, LabelledImages
from ganaug.experiment.arms.batches import TrainingSets, arm_batches
from ganaug.experiment.arms.data import ReplicateData
from ganaug.experiment.arms.predictions import NOTHING_TRIED, Predictions
from ganaug.experiment.arms.settings import Arm, TrainClassifier


@dataclass(frozen=True)
class Trained:
    """One trained classifier of an arm. history: one row per validation pass; a discriminator has a single row."""

    model: nn.Module
    val_balanced_accuracy: float
    history: list[dict[str, float]]


@dataclass(frozen=True)
class ArmTraining:
    """The training of one arm's classifiers in one replicate.

    name: of the arm, for messages. seed: the same in all arms, so that a replicate's classifiers get the same seeds in
    every arm and with every share of synthetic images.
    """

    name: str
    arm: Arm
    settings: TrainClassifier
    data: ReplicateData
    val: LabelledImages
    seed: int

    @classmethod
    def read(cls, params: ParamsFile, group: str, name: str, data: ReplicateData) -> Self:
        """Return the training of the arm `arms.<group>.<name>` in the replicate of `data`. Raises InputError."""
        arm = params.section(f"arms.{group}.{name}", Arm)
        settings = params.section("train_classifier", TrainClassifier)
        return cls(name, arm, settings, data, LabelledImages.load(data.paths.val), params.seed)

    def try_shares(self) -> np.ndarray:
        """Train with each of the arm's shares of synthetic images, and return the predictions on validation images.

        The probabilities, (shares, S, N, K) float32, serve any metric; they are empty if there is only one share. The
        classifiers are not kept.
        """
        shares = self.arm.synthetic_shares
        if len(shares) == 1:
            return NOTHING_TRIED
        trials = self._train(shares, "trial")
        return np.array([[predict(trial.model, self.val.images) for trial in trials[share]] for share in shares])

    def train(self, share: float, test_images: Rows, output: Path) -> None:
        """Train with this share of synthetic images, and write the classifier, history.csv, val.npy and test.npy.

        The seeds differ from those of the trials, so that a lucky trial does not affect the result. All classifiers
        predict; the best on validation is saved, unless it is the discriminator, which is already saved.

        test_images: uint8 (N, C, H, W); they are used only after training.
        """
        trained = self._train((share,), "classifier")[share]
        on_val, on_test = (
            np.stack([predict(classifier.model, images) for classifier in trained])
            for images in (self.val.images, test_images)
        )
        Predictions(on_val, on_test).save(output)
        mean = float(np.mean([classifier.val_balanced_accuracy for classifier in trained]))
        where = f"{self.name}, replicate {self.data.replicate}"
        print(f"{where}: balanced accuracy {100 * mean:.1f}% on the validation images", flush=True)
        best = max(trained, key=lambda classifier: classifier.val_balanced_accuracy)
        write_rows(output / "history.csv", best.history)
        if isinstance(best.model, ImageClassifier):
            save_classifier(output, best.model, ModelSpec(self.settings.classifier, self.val.shape, self.val.classes))

    def _train(self, shares: tuple[float, ...], purpose: str) -> dict[float, list[Trained]]:
        """Return the classifiers trained with each share of synthetic images."""
        with error_context(f"arm {self.name}, replicate {self.data.replicate}: "):
            if self.arm.discriminator:
                row = {"step": 0.0, **validate(self.data.discriminator, self.val)}
                return {0.0: [Trained(self.data.discriminator, row["val_balanced_accuracy"], [row])]}
            sets = self._oversampled(training_sets(self.arm, self.data))
            seeds = _seeds(self.settings, self.seed, f"{purpose}/{self.data.replicate}")
            title = f"{self.name}, replicate {self.data.replicate}, {purpose}"
            progress = Progress(title, len(shares) * len(seeds) * self.settings.steps)
            trained = {share: [self._fit(share, sets, seed, progress) for seed in seeds] for share in shares}
            progress.close()
            return trained

    def _oversampled(self, sets: TrainingSets) -> TrainingSets:
        """Fill up the short classes of the training set if the arm has oversampling."""
        if self.arm.oversampling is None:
            return sets

        def fit_before(seed: int) -> ImageClassifier:
            plain = replace(self.arm, balanced=True, synthetic=0.0, pseudo_labels=0.0, other_domain=0.0)
            return fit(self.settings, arm_batches(plain, sets, self.settings, seed), self.val, seed).model

        seed = derive(self.seed, f"oversampling/{self.data.replicate}")
        made = self.arm.oversampling(sets.train, fit_before, seed)
        print(f"{self.name}, replicate {self.data.replicate}: oversampling adds {len(made)} images", flush=True)
        return replace(sets, train=sets.train.with_images(made))

    def _fit(self, share: float, sets: TrainingSets, seed: int, progress: Progress) -> Trained:
        batches = arm_batches(replace(self.arm, synthetic=share), sets, self.settings, seed)
        fitted = fit(self.settings, batches, self.val, seed, with_offset(progress.step, progress.done))
        return Trained(fitted.model, fitted.val_balanced_accuracy, fitted.history)


def _seeds(settings: TrainClassifier, seed: int, purpose: str) -> list[int]:
    """Return a seed for each classifier of one replicate; more classifiers do not change the first seeds."""
    first = derive(seed, purpose)
    return [first, *(derive(first, f"again/{number}") for number in range(1, settings.seeds))]


def training_sets(arm: Arm, data: ReplicateData) -> TrainingSets:
    """Return the images for training the classifiers of `arm` in one replicate, with any of its synthetic shares."""
    uses_synthetic = max(arm.synthetic_shares) > 0
    return TrainingSets(
        train=data.train if arm.labels == "limited" else data.with_more_labels(arm.labels),
        synthetic=data.synthetic_images if uses_synthetic else None,
        soft_labels=data.soft_labels if uses_synthetic else None,
        pseudo_labelled=_pseudo_labelled(arm, data) if arm.pseudo_labels else None,
        other_domain=_other_domain(arm, data) if arm.other_domain else None,
    )


def _other_domain(arm: Arm, data: ReplicateData) -> LabelledImages:
    """Return the images of another domain; those without a label get pseudo-labels from the ensemble.

    Raises InputError if no image has a label or gets a pseudo-label.
    """
    images, labelled = data.other_domain, data.other_domain.labels != UNLABELLED
    if labelled.all() and len(images):
        return images
    probabilities = data.other_domain_probabilities.copy()
    probabilities[labelled] = np.eye(len(images.classes))[images.labels[labelled]]
    with error_context("other_domain: "):
        return pseudo_labelled(images, probabilities, arm.pseudo_label_threshold, "ensemble")


def _pseudo_labelled(arm: Arm, data: ReplicateData) -> LabelledImages:
    """Return the unlabelled images whose class the teacher is confident of. Raises InputError if there are none."""
    probabilities = TEACHERS[arm.teacher](data)
    with error_context("pseudo_labels: "):
        return pseudo_labelled(data.unlabelled, probabilities, arm.pseudo_label_threshold, arm.teacher)


def _ensemble(data: ReplicateData) -> np.ndarray:
    return data.ensemble_probabilities


def _discriminator(data: ReplicateData) -> np.ndarray:
    return predict(data.discriminator, data.unlabelled.images)


TEACHERS: dict[Teacher, Callable[[ReplicateData], np.ndarray]] = {
    "ensemble": _ensemble,
    "discriminator": _discriminator,
    "both": lambda data: geometric_mean(_ensemble(data), _discriminator(data)),
}
"""Teacher → function that returns class probabilities (N, K) of a replicate's unlabelled images."""
