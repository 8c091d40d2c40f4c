"""A cross-fitted ensemble: classifiers that are each trained on all folds of the training images but one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import predict
from ganaug.classifier.store import build_trained, pretrained_entry
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
    member, the `step` its weights are from, and `val_balanced_accuracy` at that step. pretrained: the weights that all
    members started from, as `Classifier.pretrained` returns them.
    """

    members: tuple[ImageClassifier, ...]
    folds: np.ndarray
    classifier: Classifier
    shape: tuple[int, int, int]
    classes: tuple[str, ...]
    trainings: Sequence[Mapping[str, float]] = ()
    pretrained: Mapping[str, str] = field(default_factory=dict)

    def probabilities(self, images: Rows) -> np.ndarray:
        """Return each member's class probabilities, (members, N, K) float32, for uint8 images (N, C, H, W)."""
        return np.stack([predict(member, images) for member in self.members])

    def features(self, images: Rows) -> list[np.ndarray]:
        """Return each member's features, (N, F) float64, of uint8 images (N, C, H, W)."""
        if self.frozen:
            return [FeatureExtractor(self.members[:1])(images)] * len(self.members)
        return [FeatureExtractor((member,))(images) for member in self.members]

    @property
    def frozen(self) -> bool:
        """Whether all members share a pretrained backbone that no image of this data set has changed."""
        return self.members[0].frozen

    @property
    def extractor(self) -> FeatureExtractor:
        """The features of all members, concatenated; those of a shared frozen backbone count once."""
        return FeatureExtractor(self.members)

    def unseen(self, member: int) -> np.ndarray:
        """Return a mask (M,) bool of the training images that `member` may be compared with: those it has not seen.

        Images in NO_FOLD are included although every member was trained on them: otherwise no member would be compared
        with them, and rare images are what a generator is most likely to copy.
        """
        return np.isin(self.folds, (member, NO_FOLD))

    def save(self, folder: Path) -> None:
        """Write member_<m>.safetensors, ensemble.json and folds.npy, which is everything that `load` needs.

        A frozen backbone, the same in all members, is only in the first member's file.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for number, member in enumerate(self.members):
            save_weights(_weights(folder, number), member, without="backbone." if member.frozen and number else None)
        np.save(folder / "folds.npy", self.folds)
        spec = ModelSpec(self.classifier, self.shape, self.classes)
        members = [dict(training) for training in self.trainings]
        spec.save(folder / "ensemble.json", members=members, **pretrained_entry(self.pretrained))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the ensemble that `save` wrote, on the GPU if there is one. Raises InputError if it cannot be read."""
        with readable(folder, "ensemble", "dvc repro train_ensemble"):
            spec = ModelSpec.load(folder / "ensemble.json", "classifier.architectures")
            content = json.loads((folder / "ensemble.json").read_text(encoding="utf-8"))
            trainings, first = content["members"], _weights(folder, 0)
            members = [build_trained(spec, _weights(folder, number), rest=first) for number in range(len(trainings))]
            folds = np.load(folder / "folds.npy")
        on_device = tuple(member.to(device()) for member in members)
        pretrained = content.get("pretrained", {})
        return cls(on_device, folds, spec.plugin, spec.image_shape, spec.classes, trainings, pretrained)


def _weights(folder: Path, member: int) -> Path:
    return folder / f"member_{member}.safetensors"
