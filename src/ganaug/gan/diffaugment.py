"""Differentiable augmentation of the discriminator's inputs.

Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training, 2020. Augments real and fake images alike, in
updates of the discriminator and of the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import pi
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

from ganaug.gan.draws import per_image


def diffaugment(
    images: Tensor,
    augmentations: Sequence[str],
    generator: torch.Generator,
    probability: Tensor | None = None,
    channels: int | None = None,
) -> Tensor:
    """Apply `augmentations`, names in AUGMENTATIONS, in turn to `images` (N, C, H, W) in [-1, 1].

    Each image gets its own random parameters; gradients flow back to the images.

    probability: a scalar; each augmentation changes an image with this probability. None: always.
    generator: must be on the images' device. channels: channels per image, if C covers several views of it.
    """
    augment = AUGMENTATIONS | {"color": partial(color, channels=channels)}
    with torch.autocast(images.device.type, enabled=False):  # 8 bits of mantissa would blur positions
        images = images.float()
        for name in augmentations:
            augmented = augment[name](images, generator)
            if probability is not None:
                chosen = _uniform(images, generator) < probability
                augmented = torch.where(chosen, augmented, images)
            images = augmented
    return images


def flip(images: Tensor, generator: torch.Generator) -> Tensor:
    """Flip horizontally with probability ½. Not in the paper; StyleGAN2 uses it for photographs."""
    chosen = _uniform(images, generator) < 0.5
    return torch.where(chosen, images.flip(3), images)


def color(images: Tensor, generator: torch.Generator, channels: int | None = None) -> Tensor:
    """Shift brightness by up to ±0.5, scale saturation by 0 to 2 and contrast by 0.5 to 1.5 (the paper's ranges).

    Saturation applies to the first three channels only: not to greyscale images, nor to a fourth channel (alpha).
    channels: channels per view of an image; all views change alike. None: one view.
    """
    brightness, saturation, contrast = _uniform(images, generator, 3).unbind(1)
    views = torch.split(images + (brightness - 0.5), channels or images.shape[1], dim=1)
    images = torch.cat([_saturated(view, 2 * saturation) for view in views], dim=1)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (contrast + 0.5)


def _saturated(images: Tensor, saturation: Tensor) -> Tensor:
    """Scale the colours' distance from grey by `saturation`, (N, 1, 1, 1)."""
    if images.shape[1] < 3:
        return images
    colours, alpha = images[:, :3], images[:, 3:]
    grey = colours.mean(dim=1, keepdim=True)
    return torch.cat([grey + (colours - grey) * saturation, alpha], dim=1)


def translation(images: Tensor, generator: torch.Generator, share: float = 0.125) -> Tensor:
    """Shift by whole pixels, up to `share` of height and width, filling with -1 (the paper: 0)."""
    count, _, height, width = images.shape
    rows = _shifted(count, height, share, images.device, generator)
    columns = _shifted(count, width, share, images.device, generator)
    padded = pad(images, (1, 1, 1, 1), value=-1.0)
    sample = torch.arange(count, device=images.device)[:, None, None]
    # (N, H, W, C) by advanced indexing, back to (N, C, H, W)
    return padded.permute(0, 2, 3, 1)[sample, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(images: Tensor, generator: torch.Generator, share: float = 0.5) -> Tensor:
    """Set a rectangle around a random pixel to 0, mid-grey; its sides are `share` of height and width."""
    rows = _hole(images, images.shape[2], share, generator)
    columns = _hole(images, images.shape[3], share, generator)
    hole = rows[:, None, :, None] & columns[:, None, None, :]
    return images.masked_fill(hole, 0.0)


def affine(images: Tensor, generator: torch.Generator) -> Tensor:
    """Rotate by up to ±10°, scale by 0.9 to 1.1, shift by up to ±1/16 of each side; bilinear, filling with -1.

    Not in the paper: mild enough for characters, whose class a flip or a large rotation would change.
    """
    rotation, scale, right, down = (_uniform(images, generator, 4).flatten(1) * 2 - 1).unbind(1)
    angle, zoom = rotation * (10 * pi / 180), 1 + 0.1 * scale
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    ratio = images.shape[2] / images.shape[3]
    theta = torch.stack(
        [torch.stack([cos, -sin * ratio, right / 8], 1), torch.stack([sin / ratio, cos, down / 8], 1)], 1
    )
    grid = affine_grid(theta, list(images.shape), align_corners=False)
    return resample(images + 1, grid) - 1


def resample(images: Tensor, grid: Tensor) -> Tensor:
    """Sample `images` (N, C, H, W) bilinearly at `grid` (N, H, W, 2) in [-1, 1], with 0 outside the images.

    Equals PyTorch's `grid_sample`, which torch 2.11 cannot differentiate twice, but gradient penalties need that.
    The operation is linear in the images, so the backward pass of its backward pass is the operation itself. The grid
    gets no gradient.
    """
    return _Resample.apply(images, grid)


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
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _Resample.apply(gradient, grid), None, None


AUGMENTATIONS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "flip": flip,
    "color": color,
    "translation": translation,
    "cutout": cutout,
    "affine": affine,
}


def _uniform(images: Tensor, generator: torch.Generator, *count: int) -> Tensor:
    """Draw (N, *count, 1, 1, 1) in [0, 1)."""
    return per_image(torch.rand, len(images), *count, 1, 1, 1, device=images.device, generator=generator)


def _integers(low: int, high: int, count: int, device: torch.device, generator: torch.Generator) -> Tensor:
    """Draw (count, 1) from `low` to `high` − 1."""
    return per_image(lambda *size: torch.randint(low, high, size, device=device, generator=generator), count, 1)


def _shifted(count: int, size: int, share: float, device: torch.device, generator: torch.Generator) -> Tensor:
    """Return for each output pixel its source index in the axis padded by one at both ends, (N, size)."""
    reach = int(size * share + 0.5)
    shift = _integers(-reach, reach + 1, count, device, generator)
    return (torch.arange(size, device=device) + 1 + shift).clamp(0, size + 1)


def _hole(images: Tensor, size: int, share: float, generator: torch.Generator) -> Tensor:
    """Return a mask (N, size) of an interval of length `share` · size around a random centre, clipped at the ends."""
    extent = int(size * share + 0.5)
    centre = _integers(0, size + (1 - extent % 2), len(images), images.device, generator)
    offset = torch.arange(size, device=images.device) - centre + extent // 2
    return (offset >= 0) & (offset < extent)
