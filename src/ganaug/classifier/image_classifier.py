"""The network that every classifier plug-in builds: input preparation, features, head."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate


class ImageClassifier(nn.Module):
    """Images (N, C, H, W) in [-1, 1] → logits (N, K), as `head(features(images))`.

    `features` prepares the images for the backbone: it resizes and normalises them on the device they are on.
    """

    def __init__(
        self,
        backbone: nn.Module,
        head: nn.Module,
        *,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        input_size: tuple[int, int] | None = None,
    ) -> None:
        """Combine a backbone, images → features (N, F), and a head, features → logits (N, K).

        mean, std: one value per channel, in units of [-1, 1]; inputs become (images − mean) / std. None: 0 and 1.
        input_size: height and width the backbone needs, reached by antialiased bilinear interpolation; None: any.
        """
        super().__init__()
        self.backbone, self.head, self.input_size = backbone, head, input_size
        self.mean: Tensor | None
        self.std: Tensor | None
        self.register_buffer("mean", _per_channel(mean))
        self.register_buffer("std", _per_channel(std))

    def features(self, images: Tensor) -> Tensor:
        """Return the features (N, F), the head's inputs."""
        if self.input_size is not None and images.shape[2:] != self.input_size:
            images = interpolate(images, self.input_size, mode="bilinear", antialias=True)
        if self.mean is not None:
            images = images - self.mean
        if self.std is not None:
            images = images / self.std
        features: Tensor = self.backbone(images)
        return features

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (N, K)."""
        logits: Tensor = self.head(self.features(images))
        return logits


def _per_channel(values: Sequence[float] | None) -> Tensor | None:
    return None if values is None else torch.tensor(values, dtype=torch.float32)[:, None, None]
