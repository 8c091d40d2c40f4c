"""One arm of the experiment: its classifiers, one a replicate."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganaug.classification import TrainingSets, fit, look, predict
from ganaug.classifiers import Classifier
from ganaug.errors import InputError
from ganaug.files import write_json
from ganaug.images import LabelledImages
from ganaug.plugins import build, describe
from ganaug.progress import Progress
from ganaug.results import GANS, PREPARED, SYNTHETIC, Predictions, write_rows
from ganaug.sampling import load_discriminator, save_weights
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.seeding import derive
from ganaug.transforms import try_transform


def train_arm(
    settings: TrainClassifier, arm: Arm, replicates: Sequence[int], seed: int, output: Path
) -> dict[str, float]:
    """Train, and save classifier, history.csv, val.npy and test.npy in `output`/<replicate>.

    A replicate's seed is the same in every arm. Of the test set only the images are used, and only after training.
    Returns the seconds that each replicate took.
    """
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    try_transform(arm.transforms, test.shape)
    progress = Progress(output.name, len(replicates) * settings.steps)
    seconds = {}
    for number, replicate in enumerate(replicates):
        began = time.monotonic()
        sets = TrainingSets(
            train=LabelledImages.load(PREPARED / str(replicate) / "train"),
            val=val,
            synthetic=LabelledImages.load(SYNTHETIC / str(replicate)) if arm.synthetic else None,
        )
        folder = output / str(replicate)
        if arm.discriminator:
            model: nn.Module = ClassTeller(load_discriminator(GANS / str(replicate)), len(val.classes))
            history = [{"step": 0.0, **look(model, val)}]
        else:
            shown = progress.shifted(number * settings.steps)
            fitted = fit(settings, arm, sets, derive(seed, f"classifier/{replicate}"), shown)
            model, history = fitted.model, fitted.history
            folder.mkdir(parents=True, exist_ok=True)
            save_classifier(folder, model, settings.classifier, sets.train)
        Predictions(val=predict(model, val.images), test=predict(model, test.images)).save(folder)
        write_rows(folder / "history.csv", history)
        seconds[str(replicate)] = round(time.monotonic() - began, 2)
    progress.close()
    return seconds


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
