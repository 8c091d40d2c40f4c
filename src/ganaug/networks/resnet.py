"""Residual networks with spectral norm and class projection, for 8 to 128 pixels.

Miyato et al., Spectral Normalization for GANs, 2018; Miyato and Koyama, cGANs with Projection Discriminator, 2018. The
number of blocks follows the size of the image.
"""

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate
from torch.nn.utils.parametrizations import spectral_norm

from ganaug.config import settings
from ganaug.networks import Network, Shape, pyramid
from ganaug.objectives import Critique


@settings
class ResNet(Network):
    """Conditional batch norm in the generator, spectral norm and projection in the discriminator."""

    z_dim: PositiveInt = 64
    """Noise inputs; SNGAN has 128 for 32×32 photographs."""
    channels: PositiveInt = 64
    """Channels at full resolution; they double with each halving, up to four times as many. SNGAN: 256 everywhere."""

    def generator(self, shape: Shape, classes: int) -> nn.Module:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings."""
        return self.channels * min(2**level, 4)


class ConditionalBatchNorm(nn.Module):
    """Batch norm whose gain and bias belong to the class (de Vries et al., 2017); starts as plain batch norm."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Embedding(classes, channels)
        self.bias = nn.Embedding(classes, channels)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.bias.weight)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        gain, bias = self.gain(labels)[..., None, None], self.bias(labels)[..., None, None]
        return torch.addcmul(bias, self.norm(x), gain)


class _UpBlock(nn.Module):
    """Doubles height and width."""

    def __init__(self, inputs: int, outputs: int, classes: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = ConditionalBatchNorm(inputs, classes), ConditionalBatchNorm(outputs, classes)
        self.conv1, self.conv2 = _conv(inputs, outputs, 3), _conv(outputs, outputs, 3)
        self.shortcut = _conv(inputs, outputs, 1)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        h = self.norm1(x, labels).relu_()
        h = self.conv1(interpolate(h, scale_factor=2))
        h = self.conv2(self.norm2(h, labels).relu_())
        return h + interpolate(self.shortcut(x), scale_factor=2)  # a 1×1 convolution commutes with upsampling


class _Generator(nn.Module):
    def __init__(self, network: ResNet, shape: Shape, classes: int) -> None:
        super().__init__()
        levels, *self.base = pyramid(shape)
        self.size = shape.height, shape.width
        self.dense = nn.Linear(network.z_dim, network.width(levels) * self.base[0] * self.base[1])
        self.blocks = nn.ModuleList(
            _UpBlock(network.width(level), network.width(level - 1), classes) for level in range(levels, 0, -1)
        )
        self.norm = nn.BatchNorm2d(network.width(0))
        self.conv = _conv(network.width(0), shape.channels, 3)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        x = self.dense(z).unflatten(1, (-1, *self.base))
        for block in self.blocks:
            x = block(x, labels)
        x = torch.tanh(self.conv(self.norm(x).relu_()))
        return x[..., : self.size[0], : self.size[1]]


class _DownBlock(nn.Module):
    """Halves height and width (rounding down) if asked to."""

    def __init__(self, inputs: int, hidden: int, outputs: int, *, first: bool = False, halve: bool = True) -> None:
        super().__init__()
        self.first, self.halve = first, halve
        self.conv1, self.conv2 = spectral_norm(_conv(inputs, hidden, 3)), spectral_norm(_conv(hidden, outputs, 3))
        self.shortcut = spectral_norm(_conv(inputs, outputs, 1)) if inputs != outputs or halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(x if self.first else x.relu())  # the image itself must not be cut at 0
        h = self.conv2(h.relu_())
        if not self.halve:
            return h + self.shortcut(x)
        return avg_pool2d(h, 2) + self.shortcut(avg_pool2d(x, 2))


class _Discriminator(nn.Module):
    def __init__(self, network: ResNet, shape: Shape, classes: int) -> None:
        super().__init__()
        levels = pyramid(shape).levels
        width = network.width
        self.blocks = nn.Sequential(
            _DownBlock(shape.channels, width(0), width(1), first=True),
            *(_DownBlock(width(level), width(level), width(level + 1)) for level in range(1, levels)),
            _DownBlock(width(levels), width(levels), width(levels), halve=False),
        )
        self.linear = spectral_norm(nn.Linear(width(levels), 1))
        self.embedding = spectral_norm(nn.Embedding(classes, width(levels)))

    def forward(self, images: Tensor, labels: Tensor) -> Critique:
        features = self.blocks(images).relu_().sum(dim=(2, 3))
        projection = (self.embedding(labels) * features).sum(dim=1)
        return Critique(self.linear(features).squeeze(1) + projection, features)


def _conv(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    """Keep the size; start from orthogonal weights (Brock et al., BigGAN, 2019)."""
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.orthogonal_(conv.weight)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv
