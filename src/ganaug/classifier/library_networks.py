"""Networks that a library builds, and that may start from pretrained weights."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import ClassVar, NamedTuple, Self

from torch import nn

from ganaug.classifier.pretrained import load_pretrained
from ganaug.core.weight_files import NONE, Pretrainable, Weights, weight_facts, weight_file


class FromLibrary(Pretrainable):
    """A plug-in whose network holds one of a library's, which may start from pretrained weights."""

    sees_rgb: ClassVar[bool] = True
    library: ClassVar[str]
    """The library's name, as packages are called."""
    backbone: ClassVar[str]
    """Where the library's network is in the plug-in's: a name as in `torch.nn.Module.get_submodule`."""
    model: str
    """Name of the network in the library."""
    weights: Weights
    """Where the initial weights are, as `weight_file` understands it; `none`: random ones."""

    def load_pretrained(self, network: nn.Module) -> None:
        if self.weights != NONE:
            load_pretrained(network.get_submodule(self.backbone), weight_file(self.weight_source()))

    def pretrained(self) -> dict[str, str]:
        if self.weights == NONE:
            return {}
        library = f"{self.library} {version(self.library)}"
        return {"model": self.model, "library": library, **weight_facts(self.weight_source())}


class Expected(NamedTuple):
    """What a network's weights expect of images, RGB in [-1, 1]."""

    size: tuple[int, int]
    """Height and width in pixels."""
    mean: list[float]
    std: list[float]

    @classmethod
    def of(cls, size: tuple[int, int], mean: Sequence[float], std: Sequence[float]) -> Self:
        """Return the same from statistics of images in [0, 1], as libraries give them."""
        return cls(size, [2 * value - 1 for value in mean], [2 * value for value in std])
