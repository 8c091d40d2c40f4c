"""R3GAN: Huang et al., The GAN is dead; long live the GAN! A Modern Baseline GAN, 2024, config E, for 8 to 128 pixels.

No normalisation of any kind. Residual blocks have grouped convolutions; their last convolution starts at 0 and their
other weights shrink with the number of blocks (Fix-up). The only biases are those of the activations. Designed for the
objective `relativistic`.
"""

from math import sqrt
from typing import Literal, Self

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.gan.conditioning import HeadName, JoinLabel, head
from ganaug.gan.convolution import GroupedConv2d
from ganaug.gan.filters import downsample, upsample
from ganaug.gan.networks import Generator, Network, Shape, pyramid
from ganaug.gan.objectives import Critique

SLOPE = 0.2
GAIN = sqrt(2 / (1 + SLOPE**2))
"""Preserves the variance through a LeakyReLU (He et al., 2015)."""


@settings
class R3Gan(Network):
    """Generator and discriminator with the same residual blocks, in opposite order."""

    z_dim: PositiveInt = 64
    """Length of z, the noise vector. R3GAN: 64."""
    channels: PositiveInt = 48
    """Channels at full resolution, a multiple of `group`; each halving doubles them, up to 4 times. R3GAN: 768 at all
    resolutions for 32×32."""
    blocks: PositiveInt = 2
    """Residual blocks at each resolution. R3GAN: 2."""
    group: PositiveInt = 16
    """Channels per group of the 3×3 convolutions; a narrower convolution is a single group. R3GAN: 16."""
    generator_conditioning: Literal["embedding", "none"] = "embedding"
    """An embedding of the class, concatenated to z."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with a class for fake images (for `sgan`)."""

    def __post_init__(self) -> None:
        """Raise InputError if the channels cannot be divided into groups."""
        for width in (2 * self.width(level) for level in range(3)):  # blocks are twice as wide inside
            if width % max(width // self.group, 1):
                raise InputError(
                    f"channels: a block's {width} channels cannot be divided into groups of {self.group}; "
                    "make channels a multiple of group"
                )

    @classmethod
    def small(cls) -> Self:
        return cls(z_dim=5, channels=4)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings."""
        return self.channels * min(2**level, 4)


class _Activation(nn.Module):
    """Adds a bias per channel, then applies LeakyReLU, both in place."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return leaky_relu(x.add_(self.bias), SLOPE, inplace=True)  # nothing else uses the convolution's output


class _Block(nn.Module):
    """A residual block, twice as wide inside; its initial weights shrink with `depth`, the number of blocks."""

    def __init__(self, channels: int, network: R3Gan, depth: int) -> None:
        inner = 2 * channels
        groups = max(inner // network.group, 1)
        gain = GAIN * depth**-0.25  # Fix-up for three layers: the power is −1 / (2·3 − 2)
        super().__init__()
        self.layers = nn.Sequential(
            _conv(channels, inner, 1, gain),
            _Activation(inner),
            _conv(inner, inner, 3, gain, groups),
            _Activation(inner),
            _conv(inner, channels, 1, 0.0),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class _Generator(Generator):
    def __init__(self, network: R3Gan, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        levels, *base = pyramid(shape)
        depth = network.blocks * (levels + 1)
        self.size = shape.height, shape.width
        self.join = JoinLabel(network.z_dim, classes, joined=network.generator_conditioning == "embedding")
        self.basis = nn.Parameter(torch.randn(network.width(levels), *base))
        self.dense = nn.Linear(self.join.size, network.width(levels), bias=False)
        nn.init.normal_(self.dense.weight, std=self.join.size**-0.5)
        self.stages, self.widths = nn.ModuleList(), nn.ModuleList()
        for level in range(levels, -1, -1):
            width = network.width(level)
            self.stages.append(nn.Sequential(*(_Block(width, network, depth) for _ in range(network.blocks))))
            if level > 0:
                self.widths.append(_resize(width, network.width(level - 1)))
        self.image = _conv(network.width(0), shape.channels, 1)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        x = self.basis * self.dense(self.join(self.truncation * z, condition))[..., None, None]
        x = self.stages[0](x)
        for width, stage in zip(self.widths, self.stages[1:], strict=True):
            x = stage(upsample(width(x)))
        return self.image(x)[..., : self.size[0], : self.size[1]]


class _Discriminator(nn.Module):
    def __init__(self, network: R3Gan, shape: Shape, classes: int) -> None:
        super().__init__()
        levels = pyramid(shape).levels
        depth = network.blocks * (levels + 1)
        self.image = _conv(shape.channels, network.width(0), 1)
        self.stages, self.widths = nn.ModuleList(), nn.ModuleList()
        for level in range(levels + 1):
            width = network.width(level)
            self.stages.append(nn.Sequential(*(_Block(width, network, depth) for _ in range(network.blocks))))
            if level < levels:
                self.widths.append(_resize(width, network.width(level + 1)))
        width = network.width(levels)
        last = shape.height >> levels, shape.width >> levels
        self.basis = GroupedConv2d(width, width, last, groups=width)
        nn.init.normal_(self.basis.weight, std=(last[0] * last[1]) ** -0.5)
        self.head = head(network.discriminator_conditioning, width, classes, _unbiased)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        x = self.stages[0](self.image(images))
        for width, stage in zip(self.widths, self.stages[1:], strict=True):
            x = stage(width(downsample(x)))
        return self.head(self.basis(x).flatten(1), condition)


def _conv(inputs: int, outputs: int, kernel: int, gain: float = 1.0, groups: int = 1) -> nn.Conv2d:
    """Return a size-preserving convolution with weights from N(0, gain² / fan-in)."""
    conv = GroupedConv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups)
    nn.init.normal_(conv.weight, std=gain * (inputs // groups * kernel**2) ** -0.5)
    return conv


def _unbiased(layer: nn.Module) -> nn.Module:
    """Remove the bias, which would cancel in the paired differences of realness."""
    layer.register_parameter("bias", None)
    return layer


def _resize(inputs: int, outputs: int) -> nn.Module:
    return _conv(inputs, outputs, 1) if inputs != outputs else nn.Identity()
