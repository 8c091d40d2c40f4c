"""Differentiable augmentation of what the discriminator sees.

Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training, 2020: real and fake images alike,
in the discriminator's and in the generator's step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import pi
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad


def diffaugment(
    images: Tensor, policies: Sequence[str], generator: torch.Generator, probability: Tensor | None = None
) -> Tensor:
    """Return `images` (N, C, H, W) in [-1, 1], each augmented at random on its own by all `policies` in turn.

    probability: a scalar; each policy leaves an image alone with 1 − probability. None: never.
    Gradients flow to the images. The generator must be on the images' device.
    """
    with torch.autocast(images.device.type, enabled=False):  # 8 bits of mantissa would blur positions
        images = images.float()
        for policy in policies:
            augmented = POLICIES[policy](images, generator)
            if probability is not None:
                chosen = torch.rand(len(images), 1, 1, 1, device=images.device, generator=generator) < probability
                augmented = torch.where(chosen, augmented, images)
            images = augmented
    return images


def flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror left and right, every second time. Not one of the paper's; StyleGAN2's for photographs."""
    chosen = torch.rand(len(images), 1, 1, 1, device=images.device, generator=generator) < 0.5
    return torch.where(chosen, images.flip(3), images)


def color(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shift brightness by up to ±0.5, scale saturation by 0 to 2 and contrast by 0.5 to 1.5 (the paper's ranges).

    Grey has no saturation, and a fourth channel (alpha) no part in it.
    """
    brightness, saturation, contrast = _uniform(images, generator, 3).unbind(1)
    images = images + (brightness - 0.5)
    if images.shape[1] >= 3:
        hues, alpha = images[:, :3], images[:, 3:]
        grey = hues.mean(dim=1, keepdim=True)
        images = torch.cat([grey + (hues - grey) * (2 * saturation), alpha], dim=1)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (contrast + 0.5)


def translation(images: Tensor, generator: torch.Generator, share: float = 0.125) -> Tensor:
    """Move by whole pixels, up to `share` of height and width; what comes in is -1 (the paper: 0)."""
    count, _, height, width = images.shape
    rows = _moved(count, height, share, images.device, generator)
    columns = _moved(count, width, share, images.device, generator)
    padded = pad(images, (1, 1, 1, 1), value=-1.0)
    sample = torch.arange(count, device=images.device)[:, None, None]
    # (N, H, W, C) by advanced indexing, back to (N, C, H, W)
    return padded.permute(0, 2, 3, 1)[sample, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(images: Tensor, generator: torch.Generator, share: float = 0.5) -> Tensor:
    """Put 0, the middle grey, in a rectangle of `share` of height and width around a random pixel."""
    rows = _hole(images, images.shape[2], share, generator)
    columns = _hole(images, images.shape[3], share, generator)
    hole = rows[:, None, :, None] & columns[:, None, None, :]
    return images.masked_fill(hole, 0.0)


def affine(images: Tensor, generator: torch.Generator) -> Tensor:
    """Turn by up to ±10°, scale by 0.9 to 1.1, move by up to ±1/16; what comes in is -1, edges are interpolated.

    Not one of the paper's: mild enough for characters, whose class a flip or a large turn would change.
    """
    turn, scale, right, down = (_uniform(images, generator, 4).flatten(1) * 2 - 1).unbind(1)
    angle, zoom = turn * (10 * pi / 180), 1 + 0.1 * scale
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    ratio = images.shape[2] / images.shape[3]
    theta = torch.stack(
        [torch.stack([cos, -sin * ratio, right / 8], 1), torch.stack([sin / ratio, cos, down / 8], 1)], 1
    )
    grid = affine_grid(theta, list(images.shape), align_corners=False)
    return resample(images + 1, grid) - 1


def resample(images: Tensor, grid: Tensor) -> Tensor:
    """Return `images` (N, C, H, W) at the places of `grid` (N, H, W, 2) in [-1, 1], with 0 around them.

    PyTorch's `grid_sample`, bilinear, which in torch 2.11 cannot be differentiated twice, as gradient penalties need.
    Being linear in the images, it is its own second derivative. The grid gets no gradient.
    """
    resampled: Tensor = _Resample.apply(images, grid)
    return resampled


class _Resample(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(images, grid)
        return grid_sample(images, grid, align_corners=False)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        images, grid = ctx.saved_tensors
        return _ResampleBackward.apply(gradient, images, grid), None


class _ResampleBackward(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, gradient: Tensor, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        back, _ = torch.ops.aten.grid_sampler_2d_backward(gradient, images, grid, 0, 0, False, [True, False])
        return back

    @staticmethod
    def backward(ctx: Any, twice: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _Resample.apply(twice, grid), None, None


POLICIES: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "flip": flip,
    "color": color,
    "translation": translation,
    "cutout": cutout,
    "affine": affine,
}


def _uniform(images: Tensor, generator: torch.Generator, count: int) -> Tensor:
    """(N, count, 1, 1, 1) in [0, 1)."""
    return torch.rand(len(images), count, 1, 1, 1, device=images.device, generator=generator)


def _moved(count: int, size: int, share: float, device: torch.device, generator: torch.Generator) -> Tensor:
    """(N, size): where in the axis, padded by one on both ends, each pixel comes from."""
    reach = int(size * share + 0.5)
    shift = torch.randint(-reach, reach + 1, (count, 1), device=device, generator=generator)
    return (torch.arange(size, device=device) + 1 + shift).clamp(0, size + 1)


def _hole(images: Tensor, size: int, share: float, generator: torch.Generator) -> Tensor:
    """(N, size) bool: the stretch of `share` of the axis around a random place, clipped at the ends."""
    extent = int(size * share + 0.5)
    centre = torch.randint(0, size + (1 - extent % 2), (len(images), 1), device=images.device, generator=generator)
    offset = torch.arange(size, device=images.device) - centre + extent // 2
    return (offset >= 0) & (offset < extent)
