"""Classifiers of the training images, each trained on all but one fold: an opinion that has not seen the image."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from ganaug.classification import TrainingSets, fit, predict
from ganaug.classifiers import Classifier
from ganaug.device import device
from ganaug.errors import InputError
from ganaug.features import FeatureExtractor
from ganaug.files import write_json
from ganaug.images import LabelledImages
from ganaug.plugins import build, describe
from ganaug.progress import shifted
from ganaug.sampling import save_weights
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.sections.train_ensemble import TrainEnsemble
from ganaug.seeding import derive, numpy_generator

ALONE = -1
"""The fold of an image whose group is the only one of its class: every member is trained on it."""
LOOKS_EVERY = 50
"""Steps between two looks at the validation images."""


@dataclass(frozen=True)
class Ensemble:
    """A cross-fitted ensemble of classifiers: member m was trained on all training images but those of fold m.

    members: trained networks, in evaluation mode. folds: int64, (M,), the fold of each training image, or ALONE.
    trainings: of each member, the `step` of its weights and `val_balanced_accuracy` there.
    """

    members: tuple[nn.Module, ...]
    folds: np.ndarray
    classifier: Classifier
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    trainings: Sequence[Mapping[str, float]] = ()

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return each member's class probabilities, (members, N, K) float32, of uint8 images (N, C, H, W)."""
        if len(images) == 0:
            return np.zeros((len(self.members), 0, len(self.classes)), np.float32)
        return np.stack([predict(member, images) for member in self.members])

    def features(self, images: np.ndarray) -> list[np.ndarray]:
        """Return each member's features, (N, F) float64, of uint8 images (N, C, H, W)."""
        return [FeatureExtractor((member,))(images) for member in self.members]

    @property
    def extractor(self) -> FeatureExtractor:
        """All members' features of an image as one row."""
        return FeatureExtractor(self.members)

    def unseen(self, member: int) -> np.ndarray:
        """Return which training images, (M,) bool, `member` may look at: those that it was not trained on.

        Those that are alone in their class are among them, though every member was trained on them: nobody would look
        at them else, and a generator copies what is rare before all.
        """
        return np.isin(self.folds, (member, ALONE))

    def save(self, folder: Path) -> None:
        """Write member_<m>.safetensors, ensemble.json and folds.npy, all that `load` needs."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, member in enumerate(self.members):
            save_weights(folder / f"member_{number}.safetensors", member)
        np.save(folder / "folds.npy", self.folds)
        spec: dict[str, Any] = {
            "classifier": describe(self.classifier),
            "image_shape": list(self.shape),
            "classes": list(self.classes),
            "members": [dict(training) for training in self.trainings],
        }
        write_json(folder / "ensemble.json", spec)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the ensemble that `save` wrote. Raises InputError if the folder does not hold one."""
        try:
            spec = json.loads((folder / "ensemble.json").read_text(encoding="utf-8"))
            classifier, classes = build("classifiers", spec["classifier"]), tuple(spec["classes"])
            channels, height, width = spec["image_shape"]
            shape = channels, height, width
            weights = [load_file(folder / f"member_{number}.safetensors") for number in range(len(spec["members"]))]
            members = tuple(_ready(classifier.build(shape, len(classes)), one) for one in weights)
            return cls(members, np.load(folder / "folds.npy"), classifier, shape, classes, spec["members"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise InputError(
                f"{folder}: not a readable ensemble ({error}); run `dvc repro train_ensemble` to make it"
            ) from None


def _ready(model: nn.Module, weights: Mapping[str, torch.Tensor]) -> nn.Module:
    """Return `model` with `weights` where and as it was trained, or figures differ in the last digit."""
    model.load_state_dict(weights)
    return model.to(device()).to(memory_format=torch.channels_last).eval()


def deal(train: LabelledImages, folds: int, randomness: np.random.Generator) -> np.ndarray:
    """Return the fold of each image, (M,) int64 in 0 … folds − 1, or ALONE.

    Groups stay together: who knows a patient's other images, or a copy, has seen the image. They are dealt out one by
    one, in random order within the rarest of their classes: of groups of one class each, no fold has more than one more
    than another one, in all or of a class. A group that is the only one of a class is ALONE, and so are those of a
    class that came into one fold together: every fold leaves some of each class to train on.
    """
    _, places = np.unique(train.members, return_inverse=True)
    known, labels = np.unique(train.labels, return_inverse=True)
    has = np.zeros((places.max() + 1, len(known)), bool)
    has[places, labels] = True
    rarest = np.where(has, has.sum(0), len(train) + 1).argmin(1)
    order = np.concatenate([randomness.permutation(np.flatnonzero(rarest == label)) for label in range(len(known))])
    order = order[~has[order][:, has.sum(0) == 1].any(1)]
    dealt = np.full(len(has), ALONE, dtype=np.int64)
    dealt[order] = np.arange(len(order)) % folds
    for ours in has.T:
        if len(np.unique(dealt[ours])) == 1:
            dealt[ours] = ALONE
    return dealt[places]


def train_ensemble(
    settings: TrainEnsemble,
    train: LabelledImages,
    val: LabelledImages,
    seed: int,
    on_step: Callable[[int], None] = lambda _: None,
) -> Ensemble:
    """Deal `train` into folds and train each member on all but its own; `val` only chooses each member's best step.

    on_step is called with the number of steps that are done, of settings.members × settings.steps. The same settings,
    images, seed and machine give the same weights.

    Raises InputError if training diverges.
    """
    folds = deal(train, settings.members, numpy_generator(seed, "folds"))
    each = TrainClassifier(
        classifier=settings.classifier,
        steps=settings.steps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        evaluate_every=LOOKS_EVERY,
    )
    # a judge of images must not take those of rare classes for others because they are rare
    arm = Arm(transforms=settings.transforms, balanced=len(set(train.counts.values())) > 1)
    members, trainings = [], []
    for number in range(settings.members):
        sets = TrainingSets(train.subset(np.flatnonzero(folds != number)), val)
        done = number * settings.steps
        fitted = fit(each, arm, sets, derive(seed, f"member/{number}"), shifted(on_step, done))
        members.append(fitted.model)
        trainings.append({"step": fitted.step, "val_balanced_accuracy": round(fitted.val_balanced_accuracy, 6)})
    return Ensemble(tuple(members), folds, settings.classifier, train.shape, train.classes, trainings)
