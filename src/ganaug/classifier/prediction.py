"""Predictions of a trained classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganaug.classifier.scores import balanced_accuracy
from ganaug.core.forward import forward
from ganaug.core.rows import Rows
from ganaug.data.images import LabelledImages, to_float

CHUNK = 512
"""Images per forward pass."""


def predict(model: nn.Module, images: Rows) -> np.ndarray:
    """Return class probabilities (N, K), float32, of uint8 `images` (N, C, H, W).

    model: floats (N, C, H, W) in [-1, 1] → logits (N, K). It runs in evaluation mode.
    """
    return evaluate(model, lambda batch: model(batch).softmax(1), images).numpy()


def validate(model: nn.Module, val: LabelledImages) -> dict[str, float]:
    """Return val_balanced_accuracy, in [0, 1], and val_loss, the mean cross-entropy."""
    logits = evaluate(model, model, val.images)
    labels = torch.from_numpy(np.array(val.labels))
    return {
        "val_balanced_accuracy": balanced_accuracy(logits.argmax(1).numpy(), val.labels),
        "val_loss": cross_entropy(logits, labels).item(),
    }


def evaluate(model: nn.Module, function: Callable[[Tensor], Tensor], images: Rows) -> Tensor:
    """Return `function`'s results, (N, …) on the CPU, with `model` in evaluation mode.

    function: a part of `model`, called with floats (n, C, H, W) in [-1, 1] on the model's device. images: uint8
    (N, C, H, W).
    """
    with _evaluation_mode(model):
        device = next(model.parameters()).device
        return forward(lambda batch: function(to_float(batch)), images, size=CHUNK, device=device)


@contextmanager
def _evaluation_mode(model: nn.Module) -> Iterator[None]:
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)
