"""Predicts and validates with a trained classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.scores import balanced_accuracy
from ganaug.core.forward import forward
from ganaug.core.rows import Rows
from ganaug.data.images import LabelledImages, to_float

CHUNK = 512
"""Largest number of images per forward pass."""

PIXELS = CHUNK * 64 * 64
"""Largest number of pixels in a forward pass of a network that resizes images: at 224×224, it takes half a gigabyte."""


def predict(model: nn.Module, images: Rows) -> np.ndarray:
    """Return class probabilities (N, K), float32, of uint8 `images` (N, C, H, W).

    model: floats (N, C, H, W) in [-1, 1] → logits (N, K). It runs in evaluation mode.
    """
    return evaluate(model, lambda batch: model(batch).softmax(1), images).numpy()


def validate(model: nn.Module, val: LabelledImages) -> dict[str, float]:
    """Return val_balanced_accuracy, in [0, 1], and val_loss, the mean cross-entropy."""
    return validation_scores(evaluate(model, model, val.images), val)


def validation_scores(logits: Tensor, val: LabelledImages) -> dict[str, float]:
    """Return the same as `validate`, from logits (N, K) on the CPU."""
    labels = torch.from_numpy(np.array(val.labels))
    return {
        "val_balanced_accuracy": balanced_accuracy(logits.argmax(1).numpy(), val.labels),
        "val_loss": cross_entropy(logits, labels).item(),
    }


def evaluate(model: nn.Module, function: Callable[[Tensor], Tensor], images: Rows | Tensor) -> Tensor:
    """Return `function`'s results, (N, …) on the CPU, with `model` in evaluation mode.

    function: a part of `model`, called with floats (n, C, H, W) in [-1, 1] on the model's device. images: uint8
    (N, C, H, W).
    """
    with evaluation_mode(model):
        device = next(model.parameters()).device
        return forward(lambda batch: function(to_float(batch)), images, size=_images_per_pass(model), device=device)


def _images_per_pass(model: nn.Module) -> int:
    size = model.input_size if isinstance(model, ImageClassifier) else None
    return CHUNK if size is None else max(1, min(CHUNK, PIXELS // prod(size)))


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Switch `model` to evaluation mode, and back afterwards."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
