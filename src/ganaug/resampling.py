"""Doubling and halving images with the low-pass filter [1, 3, 3, 1] of StyleGAN2 and R3GAN."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate


def doubled(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W); the filter is that of bilinear interpolation."""
    return interpolate(x, scale_factor=2, mode="bilinear")


def halved(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, H // 2, W // 2); around the image is 0.

    PyTorch's own, `interpolate` with antialias, knows no half precision on the CPU.
    """
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype, device=x.device) / 8
    return conv2d(x, torch.outer(line, line).expand(x.shape[1], 1, 4, 4), stride=2, padding=1, groups=x.shape[1])
