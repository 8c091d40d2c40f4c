"""Saves and loads trained classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.core.weights import ModelSpec, load_weights, readable, save_weights


def save_classifier(folder: Path, model: ImageClassifier, spec: ModelSpec) -> None:
    """Write classifier.safetensors and classifier.json, which is everything that `load_classifier` needs."""
    save_weights(folder / "classifier.safetensors", model)
    spec.save(folder / "classifier.json", **pretrained_entry(spec.plugin.pretrained()))


def pretrained_entry(pretrained: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Return the entry about pretrained weights for a JSON file; {} if there were none."""
    return {"pretrained": pretrained} if pretrained else {}


def load_classifier(folder: Path) -> tuple[ImageClassifier, tuple[str, ...]]:
    """Return the classifier that `save_classifier` wrote, ready for `predict`, and its classes.

    Raises InputError if the folder does not hold a readable classifier.
    """
    with readable(folder, "classifier", "dvc repro"):
        spec = ModelSpec.load(folder / "classifier.json", "classifier.architectures")
        model = build_trained(spec, folder / "classifier.safetensors")
    return model, spec.classes


def build_trained(spec: ModelSpec, weights: Path, rest: Path | None = None) -> ImageClassifier:
    """Return the classifier of `spec` with saved weights, on the CPU in evaluation mode. Use inside `readable`.

    rest: a file with the weights of a frozen backbone, if `weights` leaves them out.
    """
    model: ImageClassifier = spec.plugin.build(spec.image_shape, len(spec.classes))
    load_weights(weights, model, rest if model.frozen else None)
    model = model.to(memory_format=torch.channels_last)  # as in training; another layout changes the last digits
    return model.eval()
