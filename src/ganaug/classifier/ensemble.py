"""A cross-fitted ensemble: classifiers trained on the training images, each trained on all folds but one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import predict
from ganaug.classifier.store import build_trained
from ganaug.core.device import device
from ganaug.core.rows import Rows
from ganaug.core.weights import ModelSpec, readable, save_weights

NO_FOLD = -1
"""The fold of an image that is never held out: every member is trained on it."""


@dataclass(frozen=True)
class Ensemble:
    """Member m was trained on all training images outside fold m, so it has not seen those of fold m.

    members: trained networks, in evaluation mode. folds: int64, (M,), the fold of each training image, or NO_FOLD.
    classifier: the plug-in that builds a member. shape: channels, height, width of the images. trainings: for each
    member, the `step` its weights are from, and `val_balanced_accuracy` at that step.
    """

    members: tuple[ImageClassifier, ...]
    folds: np.ndarray
    classifier: Classifier
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    trainings: Sequence[Mapping[str, float]] = ()

    def probabilities(self, images: Rows) -> np.ndarray:
        """Return each member's class probabilities, (members, N, K) float32, for uint8 images (N, C, H, W)."""
        return np.stack([predict(member, images) for member in self.members])

    def features(self, images: Rows) -> list[np.ndarray]:
        """Return each member's features, (N, F) float64, of uint8 images (N, C, H, W)."""
        return [FeatureExtractor((member,))(images) for member in self.members]

    @property
    def extractor(self) -> FeatureExtractor:
        """The features of all members, concatenated."""
        return FeatureExtractor(self.members)

    def unseen(self, member: int) -> np.ndarray:
        """Return a mask (M,) bool of the training images that `member` may be compared with: those it has not seen.

        Images in NO_FOLD are included although every member was trained on them: otherwise no member would be compared
        with them, and rare images are what a generator is most likely to copy.
        """
        return np.isin(self.folds, (member, NO_FOLD))

    def save(self, folder: Path) -> None:
        """Write member_<m>.safetensors, ensemble.json and folds.npy, all that `load` needs."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, member in enumerate(self.members):
            save_weights(_weights(folder, number), member)
        np.save(folder / "folds.npy", self.folds)
        spec = ModelSpec(self.classifier, self.shape, self.classes)
        spec.save(folder / "ensemble.json", members=[dict(training) for training in self.trainings])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the ensemble that `save` wrote, on the GPU if there is one. Raises InputError if it cannot be read."""
        with readable(folder, "ensemble", "dvc repro train_ensemble"):
            spec = ModelSpec.load(folder / "ensemble.json", "classifier.architectures")
            trainings = json.loads((folder / "ensemble.json").read_text(encoding="utf-8"))["members"]
            members = [build_trained(spec, _weights(folder, number)) for number in range(len(trainings))]
            folds = np.load(folder / "folds.npy")
        on_device = tuple(member.to(device()) for member in members)
        return cls(on_device, folds, spec.plugin, spec.image_shape, spec.classes, trainings)


def _weights(folder: Path, member: int) -> Path:
    return folder / f"member_{member}.safetensors"
