"""One arm of the experiment: its classifiers, one a replicate."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganaug.classification import Fitted, TrainingSets, fit, look, predict
from ganaug.classifiers import Classifier
from ganaug.ensemble import pseudo_labelled
from ganaug.errors import InputError, located
from ganaug.evaluation import balanced_accuracy
from ganaug.files import write_json
from ganaug.images import LabelledImages
from ganaug.plugins import build, describe
from ganaug.progress import Progress
from ganaug.results import ENSEMBLES, GANS, PREPARED, SYNTHETIC, Predictions, write_rows
from ganaug.sampling import load_discriminator, save_weights
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.seeding import derive
from ganaug.splits import draw_replicate, per_class


class Trained(NamedTuple):
    """What an arm leaves for each replicate; a discriminator is saved elsewhere, and has no classifier here."""

    model: nn.Module
    """Of several classifiers, the one that is best on validation."""
    history: list[dict[str, float]]
    predictions: Predictions
    val_balanced_accuracy: float
    """The mean over classifiers."""


def train_arm(
    settings: TrainClassifier, arm: Arm, replicates: Sequence[int], seed: int, output: Path
) -> dict[str, float]:
    """Train, and save classifier, history.csv, val.npy and test.npy in `output`/<replicate>.

    Of several shares of synthetic images the one with the best mean balanced accuracy on validation is kept, the
    smallest of equally good ones; share.json says what each had. A replicate's seed is the same in every arm and for
    every share. Of the test set only the images are used, and only after training.

    Returns the seconds that each replicate took, all shares together.
    """
    val = LabelledImages.load(PREPARED / "val")
    steps = 0 if arm.discriminator else settings.seeds * settings.steps
    progress = Progress(output.name, len(replicates) * len(arm.shares) * steps)
    seconds: dict[str, float] = dict.fromkeys(map(str, replicates), 0.0)
    found: dict[float, float] = {}
    best, kept = -1.0, dict[int, Trained]()
    for share in arm.shares:
        alone, trained = replace(arm, synthetic=share), dict[int, Trained]()
        for replicate in replicates:
            began = time.monotonic()
            with located(f"arm {output.name}, replicate {replicate}: "):
                trained[replicate] = _train(settings, alone, replicate, seed, progress)
            seconds[str(replicate)] += time.monotonic() - began
        found[share] = float(np.mean([one.val_balanced_accuracy for one in trained.values()]))
        if found[share] > found.get(best, -1.0):
            best, kept = share, trained
    progress.close()

    for replicate, one in kept.items():
        folder = output / str(replicate)
        one.predictions.save(folder)
        write_rows(folder / "history.csv", one.history)
        if not arm.discriminator:
            save_classifier(folder, one.model, settings.classifier, val)
    val_figures = {str(share): round(figure, 6) for share, figure in found.items()}
    write_json(output / "share.json", {"synthetic": best, "val_balanced_accuracy": val_figures})
    return {replicate: round(spent, 2) for replicate, spent in seconds.items()}


def _train(settings: TrainClassifier, arm: Arm, replicate: int, seed: int, progress: Progress) -> Trained:
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    if arm.discriminator:
        model: nn.Module = ClassTeller(load_discriminator(GANS / str(replicate)), len(val.classes))
        fitted = [Fitted(model, 0, [{"step": 0.0, **look(model, val)}])]
    else:
        synthetic = SYNTHETIC / str(replicate)
        soft = synthetic / "probabilities.npy"
        sets = TrainingSets(
            train=_labelled(arm, replicate, seed),
            val=val,
            synthetic=LabelledImages.load(synthetic) if arm.synthetic else None,
            soft=np.load(soft) if arm.synthetic and soft.exists() else None,
            pseudo=_pseudo_labelled(arm, replicate) if arm.pseudo_labels else None,
        )
        first = derive(seed, f"classifier/{replicate}")
        seeds = [first, *(derive(first, f"again/{number}") for number in range(1, settings.seeds))]
        fitted = [fit(settings, arm, sets, one, progress.shifted(progress.done)) for one in seeds]
    val_predictions, test_predictions = (
        np.stack([predict(one.model, images.images) for one in fitted]) for images in (val, test)
    )
    figures = [balanced_accuracy(predicted, val.labels) for predicted in val_predictions.argmax(2)]
    best = fitted[int(np.argmax(figures))]
    predictions = Predictions(val=val_predictions, test=test_predictions)
    return Trained(best.model, best.history, predictions, float(np.mean(figures)))


def _pseudo_labelled(arm: Arm, replicate: int) -> LabelledImages:
    """Return the images without labels whose class the ensemble is sure of. Raises InputError if there are none."""
    unlabelled = LabelledImages.load(PREPARED / str(replicate) / "unlabelled")
    opinions = np.load(ENSEMBLES / str(replicate) / "unlabelled.npy")
    sure = pseudo_labelled(unlabelled, opinions, arm.confidence)
    if len(sure) == 0:
        raise InputError(
            f"pseudo_labels: the ensemble is sure of none of {len(unlabelled)} images without labels; lower the arm's "
            f"confidence ({arm.confidence:g}), or train the ensemble for longer (train_ensemble.steps)"
        )
    return sure


def _labelled(arm: Arm, replicate: int, seed: int) -> LabelledImages:
    """Return the real images that an arm has labels of: the limited set, or more, which hold it.

    Raises InputError if there are fewer than that.
    """
    if arm.labels == "limited":
        return LabelledImages.load(PREPARED / str(replicate) / "train")
    pool = LabelledImages.load(PREPARED / "pool")
    wanted = per_class(arm.labels, list(pool.counts.values()), pool.classes, "labels")
    return pool.subset(draw_replicate(pool.labels, wanted, seed, replicate))


class ClassTeller(nn.Module):
    """A discriminator as a classifier: images (N, C, H, W) → logits (N, classes)."""

    def __init__(self, discriminator: nn.Module, classes: int) -> None:
        super().__init__()
        self.discriminator, self.classes = discriminator, classes

    def forward(self, images: Tensor) -> Tensor:
        """Return the class logits; the discriminator is told no class."""
        logits: Tensor = self.discriminator(images, images.new_zeros(len(images), self.classes)).class_logits
        return logits


def save_classifier(folder: Path, model: nn.Module, classifier: Classifier, train: LabelledImages) -> None:
    """Write classifier.safetensors and classifier.json, all that `load_classifier` needs."""
    save_weights(folder / "classifier.safetensors", model)
    spec = {"classifier": describe(classifier), "image_shape": list(train.shape), "classes": list(train.classes)}
    write_json(folder / "classifier.json", spec)


def load_classifier(folder: Path) -> tuple[nn.Module, tuple[str, ...]]:
    """Return the classifier that `save_classifier` wrote, ready for `predict`, and its classes.

    Raises InputError if the folder does not hold one.
    """
    try:
        spec = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
        channels, height, width = spec["image_shape"]
        model: nn.Module = build("classifiers", spec["classifier"]).build(
            (channels, height, width), len(spec["classes"])
        )
        model.load_state_dict(load_file(folder / "classifier.safetensors"))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise InputError(f"{folder}: not a readable classifier ({error}); run `dvc repro` to make it") from None
    model = model.to(memory_format=torch.channels_last)  # as in training, or figures differ in the last digit
    return model.eval(), tuple(spec["classes"])
