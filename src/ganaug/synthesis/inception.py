"""Features of the Inception network that published Fréchet distances (FID) use, with weights read from a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import nn

from ganaug.classifier.image_classifier import to_rgb
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.forward import forward
from ganaug.core.rows import Rows

CHUNK = 64
"""Images per forward pass; the network resizes each to 299×299."""


@dataclass(frozen=True)
class InceptionFeatures:
    """torch-fidelity's InceptionV3, converted from the TensorFlow network of Heusel et al. (2017).

    Interchangeable with `classifier.features.FeatureExtractor`. Trained on ImageNet photographs, not on the user's
    images.
    """

    network: nn.Module

    @classmethod
    def load(cls, weights: Path) -> Self:
        """Load torch-fidelity's weights file, onto the GPU if there is one.

        Raises InputError if the file is missing or does not contain this network's weights.
        """
        from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3, FeatureExtractorInceptionV3

        try:
            # torch-fidelity would run any pickled code in the file; this call rejects everything but tensors
            torch.load(weights, map_location="cpu", weights_only=True)
            network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(weights))
        except Exception as error:  # PyTorch has no exception type of its own for invalid files
            reason = error.strerror if isinstance(error, OSError) else "it does not contain this network's weights"
            raise InputError(
                f"{weights}: Inception's weights cannot be read ({reason}); download {URL_INCEPTION_V3} and set "
                f"measure.inception to its path"
            ) from None
        return cls(network.to(device()))

    def __call__(self, images: Rows) -> np.ndarray:
        """Return features (N, 2048), float64, of uint8 images (N, C, H, W).

        Greyscale images are repeated over three channels; an alpha channel is dropped.
        """
        if len(images) == 0:
            return np.zeros((0, 2048))
        network_device = next(self.network.parameters()).device
        features = forward(lambda batch: self.network(to_rgb(batch))[0], images, size=CHUNK, device=network_device)
        return features.double().numpy()
