"""What a trained classifier says of images."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganaug.classifier.scores import balanced_accuracy
from ganaug.data.images import LabelledImages, to_float

PREDICTED_TOGETHER = 512


def predict(model: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return class probabilities (N, K), float32, of uint8 `images` (N, C, H, W)."""
    return _logits(model, images).softmax(1).cpu().numpy()


@torch.inference_mode()
def _logits(model: nn.Module, images: np.ndarray) -> Tensor:
    device = next(model.parameters()).device
    training = model.training
    model.eval()
    parts = [
        model(to_float(torch.from_numpy(np.array(images[start : start + PREDICTED_TOGETHER])).to(device)))
        for start in range(0, len(images), PREDICTED_TOGETHER)
    ]
    model.train(training)
    return torch.cat(parts)


def look(model: nn.Module, val: LabelledImages) -> dict[str, float]:
    """Return val_balanced_accuracy and val_loss (mean cross-entropy)."""
    logits = _logits(model, val.images).cpu()
    labels = torch.from_numpy(np.array(val.labels))
    return {
        "val_balanced_accuracy": balanced_accuracy(logits.argmax(1).numpy(), val.labels),
        "val_loss": cross_entropy(logits, labels).item(),
    }
