"""Extracts features of images with trained classifiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import evaluate, predict
from ganaug.core.rows import Rows
from ganaug.data.images import checksum


@dataclass(frozen=True)
class FeatureExtractor:
    """One or more trained classifiers; an image's features are those of all classifiers, concatenated.

    Classifiers with a frozen backbone share it, and its features count once.
    """

    models: tuple[ImageClassifier, ...]

    def __call__(self, images: Rows) -> np.ndarray:
        """Return features (N, F), float64, of uint8 images (N, C, H, W); F is the sum over the backbones."""
        backbones = self.models[:1] if self.models[0].frozen else self.models
        features = torch.cat([evaluate(model, model.features, images) for model in backbones], dim=1)
        return features.double().numpy()

    def probabilities(self, images: Rows) -> np.ndarray:
        """Return class probabilities (N, K), float32, of uint8 images (N, C, H, W): the mean over the classifiers."""
        return np.mean([predict(model, images) for model in self.models], axis=0)

    @property
    def digest(self) -> str:
        """SHA-256 of the weights: extractors with equal weights have equal digests."""
        weights = [value.cpu().numpy() for model in self.models for value in model.state_dict().values()]
        return checksum(*weights)
