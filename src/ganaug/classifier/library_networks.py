"""Networks that a library builds, and that can start from pretrained weights."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import ClassVar, NamedTuple, Self

from torch import nn

from ganaug.classifier.pretrained import load_pretrained
from ganaug.core.weight_files import NONE, Pretrainable, Weights, weight_facts, weight_file


class FromLibrary(Pretrainable):
    """A plug-in whose network contains a library's network, which can start from pretrained weights."""

    sees_rgb: ClassVar[bool] = True
    library: ClassVar[str]
    """Name of the library's package."""
    backbone: ClassVar[str]
    """Name of the library's network within the plug-in's network, as `torch.nn.Module.get_submodule` takes it."""
    model: str
    """Name of the network in the library."""
    weights: Weights
    """Initial weights, as `weight_file` understands them; `none`: random weights."""

    def load_pretrained(self, network: nn.Module) -> None:
        if self.weights != NONE:
            load_pretrained(network.get_submodule(self.backbone), weight_file(self.weight_source()))

    def pretrained(self) -> dict[str, str]:
        if self.weights == NONE:
            return {}
        library = f"{self.library} {version(self.library)}"
        return {"model": self.model, "library": library, **weight_facts(self.weight_source())}


class Expected(NamedTuple):
    """The images that a network's weights expect, RGB in [-1, 1]."""

    size: tuple[int, int]
    """Height and width in pixels."""
    mean: list[float]
    std: list[float]

    @classmethod
    def of(cls, size: tuple[int, int], mean: Sequence[float], std: Sequence[float]) -> Self:
        """Convert statistics of images in [0, 1], as libraries give them."""
        return cls(size, [2 * value - 1 for value in mean], [2 * value for value in std])
