"""DCGAN: Radford et al., Unsupervised Representation Learning with Deep Convolutional GANs, 2016, for 8 to 128 pixels.

Its guidelines: strided convolutions instead of pooling, batch norm except at the generator's output and the
discriminator's input, no fully connected hidden layers, ReLU and a final tanh in the generator, LeakyReLU in the
discriminator.
"""

from typing import ClassVar, Literal, Self

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from ganaug.core.config import settings
from ganaug.gan.conditioning import ConditionalBatchNorm, HeadName, JoinLabel, batch_norm, head
from ganaug.gan.networks import Generator, Network, Shape, pyramid
from ganaug.gan.objectives import Critique


@settings
class Dcgan(Network):
    """A generator of transposed convolutions and a discriminator of strided ones; initial weights from N(0, 0.02²)."""

    z_dim: PositiveInt = 100
    """Length of z, the noise vector. The paper: 100."""
    channels: PositiveInt = 64
    """Channels at half resolution; each further halving doubles them, up to 8 times. The paper: 128 in the generator,
    1,024 at 4×4."""
    generator_conditioning: Literal["embedding", "batch_norm", "none"] = "embedding"
    """An embedding of the class, concatenated to z, or class-conditional batch norm."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with a class for fake images (for `sgan`)."""
    normalises_batches: ClassVar[bool] = True

    @classmethod
    def small(cls) -> Self:
        return cls(z_dim=5, channels=4)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings, at least 1."""
        return self.channels * min(2 ** (level - 1), 8)


class _Generator(Generator):
    def __init__(self, network: Dcgan, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        levels, *base = pyramid(shape)
        self.size = shape.height, shape.width
        self.join = JoinLabel(network.z_dim, classes, joined=network.generator_conditioning == "embedding")
        conditional = network.generator_conditioning == "batch_norm"
        inputs = self.join.size
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        for level in range(levels, 0, -1):
            width = network.width(level)
            up = {"kernel_size": base} if level == levels else {"kernel_size": 4, "stride": 2, "padding": 1}
            self.convs.append(nn.ConvTranspose2d(inputs, width, bias=False, **up))
            self.norms.append(batch_norm(width, classes, conditional=conditional))
            inputs = width
        self.image = nn.ConvTranspose2d(inputs, shape.channels, 4, 2, 1)
        self.apply(_initialise)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        x = self.join(self.truncation * z, condition)[..., None, None]
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = norm(conv(x), condition).relu_()
        return torch.tanh(self.image(x))[..., : self.size[0], : self.size[1]]


class _Discriminator(nn.Module):
    def __init__(self, network: Dcgan, shape: Shape, classes: int) -> None:
        super().__init__()
        levels = pyramid(shape).levels
        layers: list[nn.Module] = []
        inputs = shape.channels
        for level in range(1, levels + 1):
            width = network.width(level)
            layers.append(nn.Conv2d(inputs, width, 4, 2, 1, bias=level == 1))
            if level > 1:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.LeakyReLU(0.2))
            inputs = width
        self.layers = nn.Sequential(*layers, nn.Flatten())
        features = inputs * (shape.height >> levels) * (shape.width >> levels)
        self.head = head(network.discriminator_conditioning, features, classes)
        self.apply(_initialise)
        self.head.apply(_initialise_linear)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        return self.head(self.layers(images), condition)


def _initialise(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, std=0.02)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    elif isinstance(layer, nn.BatchNorm2d) and layer.affine:
        nn.init.normal_(layer.weight, 1.0, 0.02)
    elif isinstance(layer, ConditionalBatchNorm):
        nn.init.normal_(layer.gain.bias, 1.0, 0.02)


def _initialise_linear(layer: nn.Module) -> None:
    if isinstance(layer, nn.Linear):
        nn.init.normal_(layer.weight, std=0.02)
