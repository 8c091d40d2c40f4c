"""Classifiers of the training images, each trained on all but one fold: an opinion that has not seen the image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.prediction import predict
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.plugins import build, describe
from ganaug.core.weights import save_weights

ALONE = -1
"""The fold of an image whose group is the only one of its class: every member is trained on it."""


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
            classifier, classes = build("classifier.architectures", spec["classifier"]), tuple(spec["classes"])
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
