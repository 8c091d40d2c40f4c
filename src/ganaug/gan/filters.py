"""The low-pass filter [1, 3, 3, 1] of StyleGAN2 and R3GAN, and up- and downsampling by two with it."""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ganaug.gan.convolution import Geometry, conv2d


def low_pass(x: Tensor, padding: int, stride: int = 1) -> Tensor:
    """Filter (N, C, H, W) with `padding` zeros on each side; at stride 1 the height becomes H + 2·padding − 3."""
    kernel = _kernel(x.dtype, x.device).expand(x.shape[1], 1, 4, 4)
    return conv2d(x, kernel, Geometry((stride, stride), (padding, padding), (1, 1), x.shape[1]))


@lru_cache  # copying it to a GPU in every step would stall the step
def _kernel(dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the filter, (4, 4), which sums to 1."""
    line = torch.tensor([1.0, 3.0, 3.0, 1.0], dtype=dtype, device=device) / 8
    return torch.outer(line, line)


def upsample(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W): bilinear interpolation equals inserting zeros and applying this filter."""
    return interpolate(x, scale_factor=2, mode="bilinear")


def downsample(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, H // 2, W // 2).

    PyTorch's own `interpolate` with antialias does not support half precision on the CPU.
    """
    return low_pass(x, padding=1, stride=2)
