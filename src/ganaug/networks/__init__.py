"""PLUG-IN: one file a pair of generator and discriminator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil, floor, log2
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch.nn import Module


class Shape(NamedTuple):
    """Size of an image."""

    channels: int
    height: int
    width: int


class Pyramid(NamedTuple):
    """How often an image is halved on the way down to about 4×4, and what is left then."""

    levels: int
    base_height: int
    base_width: int


def pyramid(shape: Shape) -> Pyramid:
    """Return the pyramid in which the shorter side ends at 4 to 7 pixels.

    Sizes that do not divide evenly are rounded up: whoever builds upwards from the base crops at the end.
    """
    levels = max(0, floor(log2(min(shape.height, shape.width) / 4)))
    return Pyramid(levels, ceil(shape.height / 2**levels), ceil(shape.width / 2**levels))


class Network(ABC):
    """Builds generator and discriminator for images of a given size."""

    z_dim: int
    """Number of independent N(0, 1) inputs of the generator."""

    @abstractmethod
    def generator(self, shape: Shape, classes: int) -> Module:
        """Return a module (z (N, z_dim), labels (N,)) → images (N, C, H, W) in [-1, 1]."""

    @abstractmethod
    def discriminator(self, shape: Shape, classes: int) -> Module:
        """Return a module (images (N, C, H, W), labels (N,)) → Critique."""
