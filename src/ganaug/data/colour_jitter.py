"""torchvision's ColorJitter for a whole batch: see `batch_transforms`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2


def draw(transform: v2.ColorJitter, count: int, _: tuple[int, int]) -> dict[str, Any]:
    """Return `count` draws, one row each; None for properties that the transform leaves unchanged."""
    draws: dict[str, Any] = {"fn_idx": torch.rand(count, len(JITTERS)).argsort(1)}
    for name in JITTERS:
        bounds = getattr(transform, name)
        draws[f"{name}_factor"] = None if bounds is None else torch.empty(count).uniform_(*bounds)
    return draws


def apply(_: v2.ColorJitter, images: Tensor, draws: Mapping[str, Any]) -> Tensor:
    """Change uint8 images (N, C, H, W), each in the order drawn for it, and round to integers after each change."""
    changed = images.clone()
    for position in range(len(JITTERS)):
        for number, (name, change) in enumerate(JITTERS.items()):
            factor = draws[f"{name}_factor"]
            (chosen,) = torch.nonzero(draws["fn_idx"][:, position] == number, as_tuple=True)
            if factor is not None and len(chosen):
                factors = factor[chosen].reshape(-1, 1, 1, 1).to(images.device)
                chosen = chosen.to(images.device)
                changed[chosen] = change(changed[chosen].float(), factors)
    return changed


def _grey(images: Tensor) -> Tensor:
    """Return the brightness (N, 1, H, W) as ITU-R BT.601 defines it, rounded down."""
    if images.shape[1] == 1:
        return images
    weights = torch.tensor([0.2989, 0.587, 0.114], device=images.device).reshape(1, 3, 1, 1)
    return (images * weights).sum(1, keepdim=True).floor()


def _blend(images: Tensor, others: Tensor | float, factors: Tensor) -> Tensor:
    return (images * factors + (1 - factors.double()).float() * others).clamp_(0, 255).byte()


def _brightness(images: Tensor, factors: Tensor) -> Tensor:
    return _blend(images, 0.0, factors)


def _contrast(images: Tensor, factors: Tensor) -> Tensor:
    return _blend(images, _grey(images).mean((1, 2, 3), keepdim=True), factors)


def _saturation(images: Tensor, factors: Tensor) -> Tensor:
    return _blend(images, _grey(images), factors)


def _hue(images: Tensor, factors: Tensor) -> Tensor:
    """Turn the hue by `factors` of a full circle, in the hexagonal model of HSV (Smith, 1978)."""
    if images.shape[1] == 1:
        return images.byte()
    value, low = images.amax(1, keepdim=True), images.amin(1, keepdim=True)
    chroma = value - low
    red, green, blue = (images[:, channel : channel + 1] for channel in range(3))
    divisor = chroma.clamp(min=1)
    from_green, from_blue = 2 + (blue - red) / divisor, 4 + (red - green) / divisor
    sixths = torch.where(value == red, (green - blue) / divisor, torch.where(value == green, from_green, from_blue))
    # each channel falls from `value` to `low` and rises again, a third of the circle apart
    offsets = torch.tensor([5.0, 3.0, 1.0], device=images.device).reshape(1, 3, 1, 1)
    position = (offsets + sixths + 6 * factors).remainder(6)
    ramp = torch.minimum(position, 4 - position).clamp(0, 1)
    return (value - chroma * ramp).mul_(FLOAT_TO_BYTE).byte()


FLOAT_TO_BYTE = 255.999 / 255
"""torchvision turns a float in [0, 1] into a byte by multiplying by 255.999 and rounding down."""

JITTERS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "brightness": _brightness,
    "contrast": _contrast,
    "saturation": _saturation,
    "hue": _hue,
}
"""Changes of ColorJitter, in torchvision's order. They take float images in [0, 255] and factors (N, 1, 1, 1)."""
