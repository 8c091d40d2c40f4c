"""Networks of timm, the library of PyTorch image models (Wightman, 2019), without their heads."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from torch import nn

from ganaug.classifier.pretrained import load_pretrained
from ganaug.core.errors import InputError, unknown
from ganaug.core.weight_files import NONE, Pretrainable, sha256, weight_file


class FromTimm(Pretrainable):
    """A plug-in whose network holds one of timm's, which may start from pretrained weights."""

    backbone: ClassVar[str]
    """Where timm's network is in the plug-in's: a name as in `torch.nn.Module.get_submodule`."""
    model: str
    """Name of the network in timm."""
    weights: str
    """Where the initial weights are, as `weight_file` understands it; `none`: random ones."""

    def load_pretrained(self, network: nn.Module) -> None:
        if self.weights != NONE:
            load_pretrained(network.get_submodule(self.backbone), weight_file(self.weights))

    def pretrained(self) -> dict[str, str]:
        if self.weights == NONE:
            return {}
        return {"model": self.model, "weights": self.weights, "sha256": sha256(weight_file(self.weights))}


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
