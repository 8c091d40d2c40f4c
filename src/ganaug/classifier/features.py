"""Features of images: what the last layers of classifiers are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganaug.classifier.prediction import PREDICTED_TOGETHER
from ganaug.data.images import checksum, to_float


@dataclass(frozen=True)
class FeatureExtractor:
    """Trained classifiers; the inputs of their last linear layers, one after the other, are an image's features."""

    models: tuple[nn.Module, ...]

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return features (N, F), float64, of uint8 images (N, C, H, W). F is the sum over the classifiers."""
        return np.concatenate([_features(model, images) for model in self.models], axis=1)

    @property
    def digest(self) -> str:
        """A name of the weights: classifiers of equal weights give equal features."""
        weights = [value.cpu().numpy() for model in self.models for value in model.state_dict().values()]
        return checksum(*weights)


@torch.inference_mode()
def _features(model: nn.Module, images: np.ndarray) -> np.ndarray:
    last = [layer for layer in model.modules() if isinstance(layer, nn.Linear)][-1]
    device = last.weight.device
    caught: list[Tensor] = [torch.zeros(0, last.in_features, dtype=torch.float64)]
    hook = last.register_forward_pre_hook(lambda _, given: caught.append(given[0].double().cpu()))
    for start in range(0, len(images), PREDICTED_TOGETHER):
        model(to_float(torch.from_numpy(np.array(images[start : start + PREDICTED_TOGETHER])).to(device)))
    hook.remove()
    return torch.cat(caught).numpy()
