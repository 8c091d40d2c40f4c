"""Networks of timm, the library of PyTorch image models (Wightman, 2019), without their heads."""

from __future__ import annotations

from typing import Any, NamedTuple

from ganaug.core.errors import InputError, unknown


class Expected(NamedTuple):
    """What a network's weights expect of images, RGB in [-1, 1]."""

    size: tuple[int, int]
    """Height and width in pixels."""
    mean: list[float]
    std: list[float]


def create(model: str) -> tuple[Any, Expected]:
    """Return timm's network of this name, images → features (N, F), with random weights, and what it expects.

    Raises InputError if timm has no such network.
    """
    import timm  # takes seconds

    if not timm.is_model(model):
        similar = timm.list_models(f"{model[:4]}*") or timm.list_modules()  # timm has more than a thousand networks
        raise InputError(f"model: {unknown('network of timm', model, similar)}")
    network = timm.create_model(model, num_classes=0)
    found = timm.data.resolve_data_config(model=network)
    height, width = found["input_size"][1:]
    mean, std = found["mean"], found["std"]  # of [0, 1]
    return network, Expected((height, width), [2 * value - 1 for value in mean], [2 * value for value in std])
