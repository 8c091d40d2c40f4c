"""Mixes pairs of a batch's images and their labels: MixUp (Zhang et al., 2018) and CutMix (Yun et al., 2019)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PlainValidator

from ganaug.core.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

MIXINGS = ("MixUp", "CutMix")
"""Classes of torchvision.transforms.v2."""


def _checked_mixing(spec: Any) -> dict[str, Any]:
    if not isinstance(spec, Mapping) or spec.get("name") not in MIXINGS:
        raise InputError(f"mixing: write {{name: MixUp, alpha: 0.2}} or {{name: CutMix, alpha: 1.0}} (given: {spec!r})")
    alpha = spec.get("alpha", 1.0)
    if set(spec) - {"name", "alpha"} or not isinstance(alpha, int | float) or not 0 < alpha < inf:
        raise InputError(f"mixing: {spec['name']} has one parameter, alpha, above 0 (given: {spec!r})")
    return {"name": spec["name"], "alpha": float(alpha)}


Mixing = Annotated[dict[str, Any], PlainValidator(_checked_mixing)]
"""`{name: MixUp, alpha: 0.2}`: a class of torchvision.transforms.v2 that mixes images of a batch and their labels."""


def build_mixing(spec: dict[str, Any] | None, classes: int) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]] | None:
    """Return a function that mixes images (N, C, H, W) and labels, (N,) or (N, K); None without `spec`.

    It returns mixed images and class probabilities (N, K). Pairs are drawn from torch's global generator.
    """
    if spec is None:
        return None
    import torch
    from torchvision.transforms import v2

    mix = getattr(v2, spec["name"])(alpha=spec["alpha"], num_classes=classes)

    def mixing(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        order = torch.randperm(len(images))  # torchvision mixes neighbours, which in sorted batches are alike
        return mix(images[order], labels[order])

    return mixing
