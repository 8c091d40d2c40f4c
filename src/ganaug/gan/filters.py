"""The low-pass filter [1, 3, 3, 1] of StyleGAN2 and R3GAN, and doubling and halving images with it."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, interpolate


def smoothed(x: Tensor, padding: int, stride: int = 1) -> Tensor:
    """Return (N, C, H, W) filtered, with `padding` zeros around it: H + 2·padding − 3 high for a stride of 1."""
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=x.dtype, device=x.device) / 8
    kernel = torch.outer(line, line).expand(x.shape[1], 1, 4, 4)
    return conv2d(x, kernel, stride=stride, padding=padding, groups=x.shape[1])


def doubled(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W); bilinear interpolation is this filter between zeros."""
    return interpolate(x, scale_factor=2, mode="bilinear")


def halved(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, H // 2, W // 2).

    PyTorch's own, `interpolate` with antialias, knows no half precision on the CPU.
    """
    return smoothed(x, padding=1, stride=2)
