"""Applies the most common torchvision transforms to a whole batch; each image gets its own random parameters.

These draws come from torch's global generator, with the distributions and names of the torchvision class's
`make_params`. With the same draw, an image differs from torchvision's by one grey level at most, or by two in rare
pixels if it is changed several times in a row (ColorJitter).
"""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import grid_sample
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from ganaug.data import colour_jitter

Draws = dict[str, Any]
"""Name → a tensor with one row per image, or a value that all images share."""


class BatchTransform(NamedTuple):
    """How a class of torchvision transforms is applied to a batch."""

    draw: Callable[[Any, int, tuple[int, int]], Draws]
    """Takes a torchvision transform, the number of images, and their height and width."""
    apply: Callable[[Any, Tensor, Draws], Tensor]
    """Takes a torchvision transform, uint8 images (N, C, H, W), and draws."""
    supports: Callable[[Any], bool] = lambda _: True
    """Whether the options of a torchvision transform are among those that are implemented."""


def on_batch(transform: v2.Transform) -> Callable[[Tensor], Tensor] | None:
    """Return a function that applies `transform` to uint8 images (N, C, H, W), or None if it is not implemented."""
    batched = BATCH_TRANSFORMS.get(type(transform))
    if batched is None or not batched.supports(transform):
        return None

    def apply(images: Tensor) -> Tensor:
        draws = batched.draw(transform, len(images), (images.shape[-2], images.shape[-1]))
        return batched.apply(transform, images, draws)

    return apply


def _mode(transform: Any) -> str:
    """Return a transform's interpolation mode; torchvision accepts names as well."""
    return InterpolationMode(transform.interpolation).value


def _uniform(count: int, low: float, high: float) -> Tensor:
    return torch.empty(count).uniform_(low, high)


# --- with some probability -------------------------------------------------------------------------------------------


def _draw_chosen(transform: Any, count: int, _: tuple[int, int]) -> Draws:
    return {"chosen": torch.rand(count) < transform.p}


def _apply_to_chosen(transform: Any, images: Tensor, draws: Draws) -> Tensor:
    """Apply a transform that draws nothing else: torchvision's kernel takes all chosen images at once."""
    chosen = draws["chosen"].to(images.device)
    changed = images.clone()
    changed[chosen] = transform.transform(images[chosen], transform.make_params([images]))
    return changed


# --- affine transforms -----------------------------------------------------------------------------------------------


def _draw_affine(transform: Any, count: int, size: tuple[int, int]) -> Draws:
    width_first = torch.tensor([size[1], size[0]])
    farthest = width_first * torch.tensor(transform.translate or (0.0, 0.0))
    shears = (*(transform.shear or ()), 0.0, 0.0, 0.0, 0.0)[:4]
    return {
        "angle": _uniform(count, *transform.degrees),
        "translate": ((2 * torch.rand(count, 2) - 1) * farthest).round(),
        "scale": _uniform(count, *(transform.scale or (1.0, 1.0))),
        "shear": torch.stack([_uniform(count, *shears[:2]), _uniform(count, *shears[2:])], dim=1),
    }


def _apply_affine(transform: Any, images: Tensor, draws: Draws) -> Tensor:
    forward = _affine_matrices(draws["angle"], draws["scale"], draws["shear"])
    return _warp(transform, images, _about_centre(transform, images, forward, draws["translate"]))


def _draw_rotation(transform: Any, count: int, _: tuple[int, int]) -> Draws:
    return {"angle": _uniform(count, *transform.degrees)}


def _apply_rotation(transform: Any, images: Tensor, draws: Draws) -> Tensor:
    none = torch.zeros(len(images), 2)
    # torchvision turns counter-clockwise here, and clockwise in affine transforms
    forward = _affine_matrices(-draws["angle"], torch.ones(len(images)), none)
    return _warp(transform, images, _about_centre(transform, images, forward, none))


def _affine_matrices(angle: Tensor, scale: Tensor, shear: Tensor) -> Tensor:
    """Return R(angle) · scale · SHy · SHx, (N, 2, 2) float64; angles (N,) and shears (N, 2) in degrees."""
    turn, (shear_x, shear_y) = angle.double().deg2rad(), shear.double().deg2rad().unbind(1)
    one, zero = torch.ones_like(turn), torch.zeros_like(turn)
    rotation = _matrices(turn.cos(), -turn.sin(), turn.sin(), turn.cos())
    along_y, along_x = _matrices(one, zero, -shear_y.tan(), one), _matrices(one, -shear_x.tan(), zero, one)
    return scale.double()[:, None, None] * rotation @ along_y @ along_x


def _matrices(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Tensor:
    return torch.stack([a, b, c, d], dim=1).reshape(-1, 2, 2)


def _about_centre(transform: Any, images: Tensor, forward: Tensor, translate: Tensor) -> Tensor:
    """Return the inverse (N, 2, 3) of x ↦ forward·(x − c) + c + translate; positions count from the image's centre."""
    height, width = images.shape[-2:]
    middle = torch.tensor([width / 2, height / 2])
    centre = torch.zeros(2) if transform.center is None else torch.tensor(transform.center) - middle
    inverse = torch.linalg.inv(forward)
    shift = centre.double() - (inverse @ (centre + translate).double().unsqueeze(-1)).squeeze(-1)
    return torch.cat([inverse, shift.unsqueeze(-1)], dim=2)


def _warp(transform: Any, images: Tensor, inverse: Tensor) -> Tensor:
    """Take each pixel from the position that `inverse` (N, 2, 3) gives; outside the image, use the transform's fill."""
    height, width = images.shape[-2:]
    x, y = (torch.arange(size, dtype=torch.float32) - (size - 1) / 2 for size in (width, height))
    x, y, one = x.expand(height, width), y[:, None].expand(height, width), torch.ones(height, width)
    half = torch.tensor([width / 2, height / 2])
    grid = torch.stack([x, y, one], dim=-1).reshape(1, -1, 3) @ (inverse.float().transpose(1, 2) / half)
    mode, sources = _mode(transform), (images.float(), torch.ones_like(images[:, :1], dtype=torch.float32))
    sampled = grid_sample(
        torch.cat(sources, dim=1),  # the second shows how much of a pixel comes from inside the image
        grid.reshape(len(images), height, width, 2).to(images.device),
        mode=mode,
        padding_mode="zeros",
        align_corners=False,
    )
    pixels, inside = sampled[:, :-1], sampled[:, -1:]
    fill = torch.tensor(transform.fill or 0.0, dtype=torch.float32, device=images.device).reshape(1, -1, 1, 1)
    if mode == "nearest":
        inside = (inside >= 0.5).float()
    return ((pixels - fill) * inside + fill).round_().byte()


# --- crops -----------------------------------------------------------------------------------------------------------


def _draw_crop(transform: Any, count: int, size: tuple[int, int]) -> Draws:
    left, right, top, bottom = transform.padding or (0, 0, 0, 0)
    (height, width), (padded_height, padded_width) = transform.size, (size[0] + top + bottom, size[1] + left + right)
    if transform.pad_if_needed:
        missing_height, missing_width = max(0, height - padded_height), max(0, width - padded_width)
        top, bottom, padded_height = top + missing_height, bottom + missing_height, padded_height + 2 * missing_height
        left, right, padded_width = left + missing_width, right + missing_width, padded_width + 2 * missing_width
    return {
        "needs_pad": any((left, top, right, bottom)),
        "padding": [left, top, right, bottom],
        "needs_crop": True,
        "top": torch.randint(padded_height - height + 1, (count,)),
        "left": torch.randint(padded_width - width + 1, (count,)),
        "height": height,
        "width": width,
    }


def _apply_crop(transform: Any, images: Tensor, draws: Draws) -> Tensor:
    if draws["needs_pad"]:
        images = functional.pad(images, draws["padding"], transform.fill, transform.padding_mode)
    rows = draws["top"][:, None] + torch.arange(draws["height"])
    columns = draws["left"][:, None] + torch.arange(draws["width"])
    chosen = torch.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]
    numbers, rows, columns = (indices.to(images.device) for indices in chosen)
    return images.permute(0, 2, 3, 1)[numbers, rows, columns].permute(0, 3, 1, 2)


ATTEMPTS = 10
"""Draws of a crop's area and aspect ratio before torchvision falls back to the largest central crop."""


def _draw_resized_crop(transform: Any, count: int, size: tuple[int, int]) -> Draws:
    full_height, full_width = size
    area = full_height * full_width * torch.empty(ATTEMPTS, count).uniform_(*transform.scale)
    ratio = torch.empty(ATTEMPTS, count).uniform_(log(transform.ratio[0]), log(transform.ratio[1])).exp()
    width, height = (area * ratio).sqrt().round().long(), (area / ratio).sqrt().round().long()
    fits = (width > 0) & (width <= full_width) & (height > 0) & (height <= full_height)
    first = fits.int().argmax(0), torch.arange(count)
    low, high = min(transform.ratio), max(transform.ratio)
    central_width = min(full_width, round(full_height * high))
    central_height = min(full_height, round(full_width / low))
    any_fits = fits.any(0)
    width = torch.where(any_fits, width[first], central_width)
    height = torch.where(any_fits, height[first], central_height)
    free_height, free_width = full_height - height, full_width - width
    return {
        "top": torch.where(any_fits, (torch.rand(count) * (free_height + 1)).long(), free_height // 2),
        "left": torch.where(any_fits, (torch.rand(count) * (free_width + 1)).long(), free_width // 2),
        "height": height,
        "width": width,
    }


def _apply_resized_crop(transform: Any, images: Tensor, draws: Draws) -> Tensor:
    # a crop is never larger than the result, so it is enlarged, and antialiasing changes nothing
    axes = []
    for start, length, new, full in (
        (draws["left"], draws["width"], transform.size[1], images.shape[-1]),
        (draws["top"], draws["height"], transform.size[0], images.shape[-2]),
    ):
        inside = (torch.arange(new) + 0.5) * (length / new)[:, None] - 0.5
        pixel = start[:, None] + torch.minimum(inside.clamp(min=0), (length - 1)[:, None])
        axes.append((2 * pixel + 1) / full - 1)
    columns, rows = axes
    shape = len(images), rows.shape[1], columns.shape[1]
    grid = torch.stack([columns[:, None, :].expand(shape), rows[:, :, None].expand(shape)], dim=-1)
    resized = grid_sample(images.float(), grid.to(images.device), padding_mode="border", align_corners=False)
    return resized.round_().byte()


CHANCES: tuple[type[v2.Transform], ...] = (
    *(v2.RandomHorizontalFlip, v2.RandomVerticalFlip, v2.RandomGrayscale, v2.RandomInvert, v2.RandomPosterize),
    *(v2.RandomSolarize, v2.RandomAutocontrast, v2.RandomEqualize, v2.RandomAdjustSharpness),
)
"""Transforms that draw only whether they change an image."""

BATCH_TRANSFORMS: dict[type[v2.Transform], BatchTransform] = {
    **dict.fromkeys(CHANCES, BatchTransform(_draw_chosen, _apply_to_chosen)),
    v2.RandomAffine: BatchTransform(_draw_affine, _apply_affine),
    v2.RandomRotation: BatchTransform(_draw_rotation, _apply_rotation, lambda transform: not transform.expand),
    v2.RandomCrop: BatchTransform(_draw_crop, _apply_crop),
    v2.RandomResizedCrop: BatchTransform(
        _draw_resized_crop, _apply_resized_crop, lambda transform: _mode(transform) == "bilinear"
    ),
    v2.ColorJitter: BatchTransform(colour_jitter.draw, colour_jitter.apply),
}
