"""Features of images, and their classes, by a classifier that was trained on the real training images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from ganaug.classification import PREDICTED_TOGETHER, TrainingSets, fit, predict
from ganaug.classifiers.small_cnn import SmallCNN
from ganaug.images import LabelledImages, to_float
from ganaug.sections.train_classifier import Arm, TrainClassifier
from ganaug.seeding import derive

SETTINGS = TrainClassifier(classifier=SmallCNN(), steps=200, batch_size=64, learning_rate=2e-3, evaluate_every=50)
"""Seconds to train, and good enough to tell a right image from a wrong one."""
MEMBERS = 3
"""Classifiers in the ensemble that gives pseudo-labels."""


@dataclass(frozen=True)
class FeatureExtractor:
    """A trained classifier whose last layer's input is an image's features."""

    model: nn.Module

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return features (N, F), float64, of uint8 images (N, C, H, W)."""
        last = [layer for layer in self.model.modules() if isinstance(layer, nn.Linear)][-1]
        caught: list[Tensor] = []
        hook = last.register_forward_pre_hook(lambda _, given: caught.append(given[0].double().cpu()))
        device = next(self.model.parameters()).device
        for start in range(0, len(images), PREDICTED_TOGETHER):
            part = np.array(images[start : start + PREDICTED_TOGETHER])
            self.model(to_float(torch.from_numpy(part)).to(device))
        hook.remove()
        return torch.cat(caught).numpy()


def pseudo_labelled(
    images: LabelledImages, train: LabelledImages, val: LabelledImages, confidence: float, seed: int
) -> LabelledImages:
    """Return those of `images` whose class an ensemble of classifiers is sure of, with that class.

    The ensemble is trained on `train`; sure is a mean probability above `confidence`.
    """
    members = [fit(SETTINGS, Arm(), TrainingSets(train, val), derive(seed, f"member/{one}")) for one in range(MEMBERS)]
    probabilities = np.mean([predict(member.model, images.images) for member in members], axis=0)
    sure = np.flatnonzero(probabilities.max(1) > confidence)
    return replace(images.subset(sure), labels=probabilities[sure].argmax(1).astype(np.int64))


def train_features(train: LabelledImages, val: LabelledImages, seed: int) -> FeatureExtractor:
    """Train a small classifier on `train`, its best step chosen on `val`; the same seed gives the same features."""
    return FeatureExtractor(fit(SETTINGS, Arm(), TrainingSets(train, val), seed).model)
