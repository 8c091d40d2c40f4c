"""The network that every classifier plug-in builds: input preparation, features, head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate


class ImageClassifier(nn.Module):
    """Images (N, C, H, W) in [-1, 1] → logits (N, K), as `head(features(images))`.

    `features` prepares the images for the backbone: it resizes and normalises them on the device they are on.

    frozen: whether the backbone is never trained; it then stays in evaluation mode, and needs no gradients.
    Layers of the backbone whose parameters need no gradients are not trained either, and stay in evaluation mode too.
    """

    def __init__(
        self,
        backbone: nn.Module,
        head: nn.Module,
        *,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        input_size: tuple[int, int] | None = None,
        rgb: bool = False,
        backbone_learning_rate: float = 1.0,
    ) -> None:
        """Combine a backbone, images → features (N, F), and a head, features → logits (N, K).

        mean, std: one value per channel, in units of [-1, 1]; inputs become (images − mean) / std. None: 0 and 1.
        input_size: height and width that the backbone needs, reached by antialiased bilinear interpolation; None: any.
        rgb: whether the backbone gets three channels however many the images have. backbone_learning_rate: the
        backbone's learning rate, as a fraction of the head's; 0 freezes it.
        """
        super().__init__()
        self.backbone, self.head, self.input_size, self.rgb = backbone, head, input_size, rgb
        self.backbone_learning_rate, self.frozen = backbone_learning_rate, backbone_learning_rate == 0
        if self.frozen:
            backbone.requires_grad_(False).eval()
        self.mean: Tensor | None
        self.std: Tensor | None
        self.register_buffer("mean", _per_channel(mean))
        self.register_buffer("std", _per_channel(std))

    def features(self, images: Tensor) -> Tensor:
        """Return the features (N, F), the head's inputs."""
        images = resized(images, self.input_size)
        if self.rgb:
            images = to_rgb(images)
        if self.mean is not None:
            images = images - self.mean
        if self.std is not None:
            images = images / self.std
        return self.backbone(images)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (N, K)."""
        return self.head(self.features(images))

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation mode; layers that are not trained stay in evaluation mode."""
        super().train(mode)
        if self.frozen:
            self.backbone.eval()
        for layer in self.backbone.modules():
            parameters = list(layer.parameters(recurse=False))
            if parameters and not any(parameter.requires_grad for parameter in parameters):
                layer.training = False  # `eval` would include the layers within it
        return self

    def parameter_groups(self, learning_rate: float) -> list[dict[str, Any]]:
        """Return the parameters to train, as PyTorch's optimisers take them, with the backbone's learning rate."""
        whole, head, backbone = (
            [parameter for parameter in part.parameters() if parameter.requires_grad]
            for part in (self, self.head, self.backbone)
        )
        if self.backbone_learning_rate == 1:
            return [{"params": whole}]
        groups: list[dict[str, Any]] = [{"params": head}]
        if backbone:
            groups.append({"params": backbone, "lr": learning_rate * self.backbone_learning_rate})
        return groups


def resized(images: Tensor, size: tuple[int, int] | None) -> Tensor:
    """Return images (N, C, H, W) with height and width `size`, by antialiased bilinear interpolation. None: as is."""
    if size is None or images.shape[2:] == size:
        return images
    return interpolate(images, size, mode="bilinear", antialias=True)


def to_rgb(images: Tensor) -> Tensor:
    """Return three channels for images (N, C, H, W) of one to four: grey three times; an alpha channel is dropped."""
    return images[:, :3] if images.shape[1] > 2 else images[:, [0, 0, 0]]


def _per_channel(values: Sequence[float] | None) -> Tensor | None:
    return None if values is None else torch.tensor(values, dtype=torch.float32)[:, None, None]
