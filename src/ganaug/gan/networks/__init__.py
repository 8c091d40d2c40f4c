"""PLUG-IN: one file a pair of generator and discriminator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil, floor, log2
from typing import ClassVar, NamedTuple

from torch.nn import Module

from ganaug.core.errors import InputError

SMALLEST = 8
"""Pixels of the shorter side that convolutional networks need."""


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

    Raises InputError for images with a side below 8 pixels.
    """
    if min(shape.height, shape.width) < SMALLEST:
        raise InputError(
            f"images of {shape.height}×{shape.width} pixels are too small for this network; set prepare.size to "
            f"{SMALLEST} or more, or take train_gan.network mlp"
        )
    levels = floor(log2(min(shape.height, shape.width) / 4))
    return Pyramid(levels, ceil(shape.height / 2**levels), ceil(shape.width / 2**levels))


class Generator(Module):
    """z (N, z_dim), condition (N, classes) → images (N, C, H, W), about in [-1, 1]: what lies outside is cut off."""

    def __init__(self, z_dim: int, classes: int) -> None:
        """z_dim: number of independent N(0, 1) inputs."""
        super().__init__()
        self.z_dim, self.classes = z_dim, classes

    truncation: float = 1.0
    """How far samples lie from the average: 1 as trained, below 1 safer and more alike, above 1 more varied."""


class Network(ABC):
    """Builds generator and discriminator for images of a given size."""

    z_dim: int
    """Number of independent N(0, 1) inputs of the generator."""
    generator_conditioning: str
    """How the generator learns of the class; "none": it does not."""
    discriminator_conditioning: str
    """How the discriminator learns of the class, or tells it; "none": neither."""
    normalises_batches: ClassVar[bool] = False
    """Whether the discriminator has batch norm, and so no gradient of a single image."""
    compares_images: ClassVar[bool] = False
    """Whether the discriminator looks at the differences between the images of a batch, outside training too."""

    @property
    def has_class_head(self) -> bool:
        """Whether the discriminator tells classes, and judges realness without being told one."""
        return self.discriminator_conditioning in ("auxiliary", "classifier")

    @abstractmethod
    def generator(self, shape: Shape, classes: int) -> Generator:
        """Return the generator for images of `shape`."""

    @abstractmethod
    def discriminator(self, shape: Shape, classes: int) -> Module:
        """Return a module (images (N, C, H, W), condition (N, classes)) → Critique."""
