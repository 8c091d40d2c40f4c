"""One arm of the experiment: its classifiers, one a replicate."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.prediction import look, predict
from ganaug.classifier.pseudo_labels import pooled, pseudo_labelled
from ganaug.classifier.scores import comparable_mean
from ganaug.classifier.training import Fitted, TrainingSets, fit
from ganaug.core.device import device
from ganaug.core.errors import InputError, error_context
from ganaug.core.files import write_json, write_rows
from ganaug.core.paths import GANS, PREPARED, SYNTHETIC, opinions
from ganaug.core.plugins import build, describe
from ganaug.core.progress import Progress, with_offset
from ganaug.core.seeding import derive
from ganaug.core.weights import save_weights
from ganaug.data.images import LabelledImages
from ganaug.data.splits import draw_replicate, per_class
from ganaug.experiment.arm_settings import Arm, Teacher, TrainClassifier
from ganaug.experiment.predictions import Predictions
from ganaug.gan.sampling import load_discriminator


def train_arm(
    settings: TrainClassifier, arm: Arm, replicates: Sequence[int], seed: int, output: Path
) -> dict[str, float]:
    """Train, and save classifier, history.csv, val.npy and test.npy in `output`/<replicate>.

    Several shares of synthetic images are tried with seeds of their own, and the one with the best mean balanced
    accuracy on validation is kept, the smallest of equally good ones: what was luck in a trial does not come back in
    the classifiers that are tested. share.json says what each had. A replicate's seed is the same in every arm, with
    any share. Of several classifiers of a replicate the one that is best on validation is saved, but for a
    discriminator, which is saved elsewhere. Of the test set only the images are used, and only after training.

    Returns the seconds that each replicate took, all shares together.
    """
    val, test = LabelledImages.load(PREPARED / "val"), LabelledImages.load(PREPARED / "test")
    rounds = len(arm.shares) + 1 if len(arm.shares) > 1 else 1
    steps = 0 if arm.discriminator else settings.seeds * settings.steps
    progress = Progress(output.name, rounds * len(replicates) * steps)
    seconds: dict[str, float] = dict.fromkeys(map(str, replicates), 0.0)

    def train(share: float, purpose: str) -> dict[int, list[Fitted]]:
        alone = replace(arm, synthetic=share)
        trained: dict[int, list[Fitted]] = {replicate: [] for replicate in replicates}
        for replicate, fitted in trained.items():
            began = time.monotonic()
            with error_context(f"arm {output.name}, replicate {replicate}: "):
                if arm.discriminator:
                    fitted.append(_untrained(_discriminator(replicate, len(val.classes)), val))
                else:
                    sets = _sets(alone, val, replicate, seed)
                    for one in _seeds(settings, seed, f"{purpose}/{replicate}"):
                        fitted.append(fit(settings, alone, sets, one, with_offset(progress.step, progress.done)))
            seconds[str(replicate)] += time.monotonic() - began
        return trained

    tried = {share: _mean_val(train(share, "trial")) for share in arm.shares} if rounds > 1 else {}
    best = max(arm.shares, key=lambda share: tried.get(share, 0.0))
    kept = train(best, "classifier")
    progress.close()

    for replicate, fitted in kept.items():
        folder = output / str(replicate)
        on_val, on_test = (np.stack([predict(one.model, each.images) for one in fitted]) for each in (val, test))
        Predictions(on_val, on_test).save(folder)
        chosen = max(fitted, key=lambda one: one.val_balanced_accuracy)
        write_rows(folder / "history.csv", chosen.history)
        if not arm.discriminator:
            save_classifier(folder, chosen.model, settings.classifier, val)
    figures = {str(share): round(figure, 6) for share, figure in (tried or {best: _mean_val(kept)}).items()}
    write_json(output / "share.json", {"synthetic": best, "val_balanced_accuracy": figures})
    return {replicate: round(spent, 2) for replicate, spent in seconds.items()}


def _mean_val(trained: Mapping[int, list[Fitted]]) -> float:
    return comparable_mean([one.val_balanced_accuracy for fitted in trained.values() for one in fitted])


def _seeds(settings: TrainClassifier, seed: int, purpose: str) -> list[int]:
    """Return a seed for each classifier of one replicate; more of them leave the first ones as they are."""
    first = derive(seed, purpose)
    return [first, *(derive(first, f"again/{number}") for number in range(1, settings.seeds))]


def _untrained(model: nn.Module, val: LabelledImages) -> Fitted:
    """Return a classifier that needed no step."""
    return Fitted(model, 0, [{"step": 0.0, **look(model, val)}])


def _discriminator(replicate: int, classes: int) -> nn.Module:
    """Return the GAN's discriminator as a classifier."""
    return ClassTeller(load_discriminator(GANS / str(replicate)), classes).to(device())


def _sets(arm: Arm, val: LabelledImages, replicate: int, seed: int) -> TrainingSets:
    synthetic = SYNTHETIC / str(replicate)
    soft = synthetic / "probabilities.npy"
    return TrainingSets(
        train=_labelled(arm, replicate, seed),
        val=val,
        synthetic=LabelledImages.load(synthetic) if arm.synthetic else None,
        soft=np.load(soft) if arm.synthetic and soft.exists() else None,
        pseudo=_pseudo_labelled(arm, replicate) if arm.pseudo_labels else None,
    )


def _pseudo_labelled(arm: Arm, replicate: int) -> LabelledImages:
    """Return the images without labels whose class the arm's teacher is sure of.

    Raises InputError if there are none.
    """
    unlabelled = LabelledImages.load(PREPARED / str(replicate) / "unlabelled")
    probabilities = TEACHERS[arm.teacher](replicate, unlabelled)
    with error_context("pseudo_labels: "):
        return pseudo_labelled(unlabelled, probabilities, arm.confidence, arm.teacher)


def _ensemble_says(replicate: int, _: LabelledImages) -> np.ndarray:
    """Return class probabilities (N, K) of a replicate's images without labels, which it was asked about before."""
    probabilities: np.ndarray = np.load(opinions(replicate))
    return probabilities


def _discriminator_says(replicate: int, unlabelled: LabelledImages) -> np.ndarray:
    return predict(_discriminator(replicate, len(unlabelled.classes)), unlabelled.images)


TEACHERS: dict[Teacher, Callable[[int, LabelledImages], np.ndarray]] = {
    "ensemble": _ensemble_says,
    "discriminator": _discriminator_says,
    "both": lambda *asked: pooled(_ensemble_says(*asked), _discriminator_says(*asked)),
}
"""Who may say what the images without labels are: from replicate and images to class probabilities (N, K)."""


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
        model: nn.Module = build("classifier.architectures", spec["classifier"]).build(
            (channels, height, width), len(spec["classes"])
        )
        model.load_state_dict(load_file(folder / "classifier.safetensors"))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise InputError(f"{folder}: not a readable classifier ({error}); run `dvc repro` to make it") from None
    model = model.to(memory_format=torch.channels_last)  # as in training, or figures differ in the last digit
    return model.eval(), tuple(spec["classes"])
