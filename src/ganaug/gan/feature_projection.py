"""Random projections of a pretrained network's features (Sauer et al., Projected GANs Converge Faster, 2021)."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, rms_norm

from ganaug.classifier.image_classifier import resized, to_rgb
from ganaug.classifier.timm_networks import create

SCALES = 4
"""Number of feature maps used, from the last halvings. Projected GAN: 4."""


class FeatureProjection(nn.Module):
    """Images (N, C, H, W) in [-1, 1] → mixed features of four scales, from fine to coarse. Nothing in it is trained.

    Random 1×1 convolutions mix the channels of each scale, and random 3×3 convolutions and upsampling mix the scales,
    from coarse to fine (section 3.2). Without mixing, a discriminator would look at only a few features. Unlike in the
    paper, an image's features at each scale are first divided by their root mean square, so that all networks, even one
    with random weights, give features of about the same magnitude.

    shapes: channels and shorter side of each scale.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, model: str, size: int, channels: int) -> None:
        """Build the network and draw the projections from torch's global generator.

        model: name of the network in timm. size: height and width to which images are resized. channels: of the finest
        scale, before scales are mixed; each coarser scale has twice as many.

        Raises InputError if timm has no such network.
        """
        super().__init__()
        self.backbone, expected = create(model)
        self.size = size, size
        for name, values in (("mean", expected.mean), ("std", expected.std)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32)[:, None, None])
        widths = [channels * 2**scale for scale in range(SCALES)]
        outputs = [channels, *widths[:-1]]
        self.eval()
        with torch.no_grad():
            maps = self._features(torch.zeros(1, 3, *self.size))
        self.mix_channels = nn.ModuleList(
            _random(features.shape[1], width, 1) for features, width in zip(maps, widths, strict=True)
        )
        self.mix_scales = nn.ModuleList(
            _random(width, output, 3) for width, output in zip(widths, outputs, strict=True)
        )
        self.requires_grad_(False).eval()
        sizes = [tuple(features.shape[2:]) for features in maps]
        self.larger = [(2 * sizes[0][0], 2 * sizes[0][1]), *sizes[:-1]]
        self.shapes = [(output, min(size)) for output, size in zip(outputs, self.larger, strict=True)]

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return features (N, C, H, W) of each scale."""
        images = to_rgb(resized(images.float(), self.size))  # antialiasing does not support bfloat16
        maps = self._features((images - self.mean) / self.std)
        mixed = [mix(features) for mix, features in zip(self.mix_channels, maps, strict=True)]
        scales: list[Tensor] = []
        for features, mix, size in reversed(list(zip(mixed, self.mix_scales, self.larger, strict=True))):
            summed = features + scales[-1] if scales else features
            scales.append(mix(interpolate(summed, size, mode="bilinear")))
        return scales[::-1]

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode."""
        return super().train(False)

    def _features(self, images: Tensor) -> list[Tensor]:
        """Return the last feature maps (N, C, H, W), from fine to coarse."""
        maps: list[Tensor] = self.backbone.forward_intermediates(
            images, indices=SCALES, output_fmt="NCHW", intermediates_only=True
        )
        return [rms_norm(features, features.shape[1:]) for features in maps]


def _random(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """Return a convolution that keeps the size, with random weights and without a bias."""
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="linear")
    return conv
