"""Train one arm of the experiment: one or more classifiers per replicate."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import nn

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import predict, validate
from ganaug.classifier.pseudo_labels import Teacher, geometric_mean, pseudo_labelled
from ganaug.classifier.scores import comparable_mean
from ganaug.classifier.store import save_classifier
from ganaug.classifier.training import fit
from ganaug.core.errors import error_context
from ganaug.core.files import write_json, write_rows
from ganaug.core.progress import Progress, with_offset
from ganaug.core.seeding import derive
from ganaug.core.weights import ModelSpec
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_batches import TrainingSets, arm_batches
from ganaug.experiment.arm_data import ArmData, ReplicateData
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.predictions import Predictions


@dataclass(frozen=True)
class Trained:
    """One classifier of an arm. history: its validation passes; a discriminator has one."""

    model: nn.Module
    val_balanced_accuracy: float
    history: list[dict[str, float]]


def train_arm(settings: TrainClassifier, arm: Arm, data: ArmData, seed: int, output: Path) -> dict[str, float]:
    """Train an arm, and write classifier, history.csv, val.npy and test.npy to `output`/<replicate>.

    If there are several shares of synthetic images, each is tried, and the share with the best mean balanced accuracy
    on validation is used, the smallest if there is a tie. The final classifiers are trained anew with other seeds, so
    that a lucky trial does not affect them. `output`/share.json holds the chosen share and the accuracy of each.

    `seed` is the same for all arms: a replicate's classifiers get the same seeds in every arm and with every share.
    All of a replicate's classifiers predict; the best on validation is saved. A discriminator is not saved again. Test
    images are used only after training.

    Returns the seconds spent on each replicate, all shares together.
    """
    several = len(arm.synthetic_shares) > 1
    run = _Run(settings, arm, data, seed, output.name, len(arm.synthetic_shares) + 1 if several else 1)
    tried = {share: _mean_val(run.train(share, "trial")) for share in arm.synthetic_shares} if several else {}
    best = max(arm.synthetic_shares, key=lambda share: tried.get(share, 0.0))
    kept = run.train(best, "classifier")
    run.progress.close()
    for replicate, trained in kept.items():
        _save(output / str(replicate), trained, settings, data)
    accuracies = {str(share): round(mean, 6) for share, mean in (tried or {best: _mean_val(kept)}).items()}
    write_json(output / "share.json", {"synthetic": best, "val_balanced_accuracy": accuracies})
    return {str(replicate): round(seconds, 2) for replicate, seconds in run.seconds.items()}


class _Run:
    """The training runs of one arm, with their progress and the seconds spent on each replicate."""

    def __init__(self, settings: TrainClassifier, arm: Arm, data: ArmData, seed: int, name: str, rounds: int) -> None:
        self.settings, self.arm, self.data, self.seed, self.name = settings, arm, data, seed, name
        steps = 0 if arm.discriminator else settings.seeds * settings.steps
        self.progress = Progress(name, rounds * len(data.replicates) * steps)
        self.seconds = dict.fromkeys(data.replicates, 0.0)
        self.sets: dict[int, TrainingSets] = {}

    def train(self, share: float, purpose: str) -> dict[int, list[Trained]]:
        """Return each replicate's classifiers, trained with this share of synthetic images."""
        trained = {}
        for replicate in self.data.replicates:
            start = time.monotonic()
            with error_context(f"arm {self.name}, replicate {replicate}: "):
                trained[replicate] = self._replicate(replicate, share, purpose)
            self.seconds[replicate] += time.monotonic() - start
        return trained

    def _replicate(self, replicate: int, share: float, purpose: str) -> list[Trained]:
        replicate_data, val = self.data.replicates[replicate], self.data.val
        if self.arm.discriminator:
            row = {"step": 0.0, **validate(replicate_data.discriminator, val)}
            return [Trained(replicate_data.discriminator, row["val_balanced_accuracy"], [row])]
        if replicate not in self.sets:
            self.sets[replicate] = training_sets(self.arm, replicate_data)
        arm, trained = replace(self.arm, synthetic=share), []
        for seed in _seeds(self.settings, self.seed, f"{purpose}/{replicate}"):
            batches = arm_batches(arm, self.sets[replicate], self.settings.batch_size, seed)
            fitted = fit(self.settings, batches, val, seed, with_offset(self.progress.step, self.progress.done))
            trained.append(Trained(fitted.model, fitted.val_balanced_accuracy, fitted.history))
        return trained


def _save(folder: Path, trained: list[Trained], settings: TrainClassifier, data: ArmData) -> None:
    on_val, on_test = (
        np.stack([predict(classifier.model, images) for classifier in trained])
        for images in (data.val.images, data.test_images)
    )
    Predictions(on_val, on_test).save(folder)
    best = max(trained, key=lambda classifier: classifier.val_balanced_accuracy)
    write_rows(folder / "history.csv", best.history)
    if isinstance(best.model, ImageClassifier):
        save_classifier(folder, best.model, ModelSpec(settings.classifier, data.val.shape, data.val.classes))


def _mean_val(trained: Mapping[int, list[Trained]]) -> float:
    classifiers = (classifier for of_replicate in trained.values() for classifier in of_replicate)
    return comparable_mean([classifier.val_balanced_accuracy for classifier in classifiers])


def _seeds(settings: TrainClassifier, seed: int, purpose: str) -> list[int]:
    """Return a seed for each classifier of one replicate; more classifiers do not change the first seeds."""
    first = derive(seed, purpose)
    return [first, *(derive(first, f"again/{number}") for number in range(1, settings.seeds))]


def training_sets(arm: Arm, data: ReplicateData) -> TrainingSets:
    """Return what the classifiers of `arm` are trained on in one replicate, with any of its synthetic shares."""
    uses_synthetic = max(arm.synthetic_shares) > 0
    return TrainingSets(
        train=data.train if arm.labels == "limited" else data.with_more_labels(arm.labels),
        synthetic=data.synthetic_images if uses_synthetic else None,
        soft_labels=data.soft_labels if uses_synthetic else None,
        pseudo_labelled=_pseudo_labelled(arm, data) if arm.pseudo_labels else None,
    )


def _pseudo_labelled(arm: Arm, data: ReplicateData) -> LabelledImages:
    """Return the unlabelled images about which the teacher is confident. Raises InputError if there are none."""
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
"""Each teacher's class probabilities (N, K) of a replicate's unlabelled images."""
