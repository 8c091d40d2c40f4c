"""Residual networks with spectral norm and class projection, for 8 to 128 pixels.

Miyato et al., Spectral Normalization for GANs, 2018; Miyato and Koyama, cGANs with Projection Discriminator, 2018;
attention: Zhang et al., Self-Attention GANs (SAGAN), 2019. The number of blocks depends on the image size.
"""

from typing import ClassVar, Literal, Self

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, scaled_dot_product_attention
from torch.nn.utils.parametrizations import spectral_norm

from ganaug.core.config import settings
from ganaug.gan.conditioning import HeadName, JoinLabel, Wrap, batch_norm, head
from ganaug.gan.networks import Generator, Network, Shape, pyramid
from ganaug.gan.objectives import Critique


@settings
class ResNet(Network):
    """Conditional batch norm in the generator, spectral norm and projection in the discriminator."""

    z_dim: PositiveInt = 64
    """Length of z, the noise vector. SNGAN: 128 for 32×32 photographs."""
    channels: PositiveInt = 64
    """Channels at full resolution; each halving doubles them, up to 4 times. SNGAN: 256 at all resolutions."""
    attention: PositiveInt | None = None
    """Height in pixels at which both networks have self-attention, such as 16; null: none. Helps if parts of objects
    are misplaced or wrong in number. SAGAN: 32, for 128×128 pixels."""
    generator_conditioning: Literal["batch_norm", "embedding", "none"] = "batch_norm"
    """Class-conditional batch norm, or an embedding of the class, concatenated to z."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with a class for fake images (for `sgan`)."""

    takes_attributes: ClassVar[bool] = True

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

    def attention_level(self, shape: Shape) -> int | None:
        """Return the number of halvings before attention, which is at the first height not above `attention`.

        Returns None without attention.
        """
        if self.attention is None:
            return None
        levels = pyramid(shape).levels
        return next((level for level in range(levels) if shape.height <= self.attention * 2**level), levels)


class _Attention(nn.Module):
    """Self-attention over all positions; starts as the identity (SAGAN, eq. 1 to 3, without pooling).

    Uses three-dimensional tensors on purpose: the fused kernels for four dimensions cannot be differentiated twice, as
    R1 needs.
    """

    def __init__(self, channels: int, wrap: Wrap = lambda layer: layer) -> None:
        super().__init__()
        inner = max(channels // 8, 1)
        self.query, self.key = (wrap(nn.Conv2d(channels, inner, 1, bias=False)) for _ in range(2))
        self.value = wrap(nn.Conv2d(channels, channels, 1, bias=False))
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor, _: Tensor | None = None) -> Tensor:
        query, key, value = (layer(x).flatten(2).transpose(1, 2) for layer in (self.query, self.key, self.value))
        attended = scaled_dot_product_attention(query, key, value, scale=1.0)
        return x + self.gain * attended.transpose(1, 2).view_as(x)


class _UpBlock(nn.Module):
    """A residual block that doubles height and width."""

    def __init__(self, inputs: int, outputs: int, classes: int, *, conditional: bool) -> None:
        super().__init__()
        self.norm1 = batch_norm(inputs, classes, conditional=conditional)
        self.norm2 = batch_norm(outputs, classes, conditional=conditional)
        self.conv1, self.conv2 = _conv(inputs, outputs, 3), _conv(outputs, outputs, 3)
        self.shortcut = _conv(inputs, outputs, 1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        h = self.norm1(x, condition).relu_()
        h = self.conv1(interpolate(h, scale_factor=2))
        h = self.conv2(self.norm2(h, condition).relu_())
        return h + interpolate(self.shortcut(x), scale_factor=2)  # a 1×1 convolution commutes with upsampling


class _Generator(Generator):
    def __init__(self, network: ResNet, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        levels, *self.base = pyramid(shape)
        self.size = shape.height, shape.width
        self.join = JoinLabel(network.z_dim, classes, joined=network.generator_conditioning == "embedding")
        self.dense = nn.Linear(self.join.size, network.width(levels) * self.base[0] * self.base[1])
        conditional = network.generator_conditioning == "batch_norm"
        attention = network.attention_level(shape)
        self.blocks = nn.ModuleList()
        for level in range(levels, -1, -1):
            if level == attention:
                self.blocks.append(_Attention(network.width(level)))
            if level > 0:
                width, narrower = network.width(level), network.width(level - 1)
                self.blocks.append(_UpBlock(width, narrower, classes, conditional=conditional))
        self.norm = nn.BatchNorm2d(network.width(0))
        self.conv = _conv(network.width(0), shape.channels, 3)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        x = self.dense(self.join(self.truncation * z, condition)).unflatten(1, (-1, *self.base))
        for block in self.blocks:
            x = block(x, condition)
        x = torch.tanh(self.conv(self.norm(x).relu_()))
        return x[..., : self.size[0], : self.size[1]]


class _DownBlock(nn.Module):
    """A residual block that can halve height and width, rounding down.

    first: whether the input is the image, which must not pass through a ReLU.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int, *, first: bool = False, halve: bool = True) -> None:
        super().__init__()
        self.first, self.halve = first, halve
        self.conv1, self.conv2 = spectral_norm(_conv(inputs, hidden, 3)), spectral_norm(_conv(hidden, outputs, 3))
        self.shortcut = spectral_norm(_conv(inputs, outputs, 1)) if inputs != outputs or halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(x if self.first else x.relu())
        h = self.conv2(h.relu_())
        if not self.halve:
            return h + self.shortcut(x)
        return avg_pool2d(h, 2) + self.shortcut(avg_pool2d(x, 2))


class _Discriminator(nn.Module):
    def __init__(self, network: ResNet, shape: Shape, classes: int) -> None:
        super().__init__()
        levels = pyramid(shape).levels
        width = network.width
        attention = network.attention_level(shape)
        blocks: list[nn.Module] = [_DownBlock(shape.channels, width(0), width(1), first=True)]
        for level in range(1, levels + 1):
            if attention is not None and level == max(attention, 1):  # level 0 is the image itself
                blocks.append(_Attention(width(level), wrap=spectral_norm))
            last = level == levels
            blocks.append(_DownBlock(width(level), width(level), width(level + (not last)), halve=not last))
        self.blocks = nn.Sequential(*blocks)
        self.head = head(network.discriminator_conditioning, width(levels), classes, spectral_norm)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        return self.head(self.blocks(images).relu_().sum(dim=(2, 3)), condition)


def _conv(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """Return a size-preserving convolution with orthogonal initial weights (Brock et al., BigGAN, 2019)."""
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.orthogonal_(conv.weight)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv
