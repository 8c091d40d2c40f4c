"""One image-to-image generator for all classes: StarGAN (Choi et al., 2018), for 8 to 128 pixels.

It makes images of a rare class from images of common classes, and so borrows their variety. The number of layers
depends on the image size. Differences from the paper: images are enlarged before a convolution instead of by a
transposed convolution, which leaves a checkerboard (Odena et al., Deconvolution and Checkerboard Artifacts, 2016);
class logits are means over the patches; noise is an option.
"""

from typing import ClassVar, Literal, Self

import torch
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ganaug.core.config import settings
from ganaug.gan.conditioning import HeadName, head, rate_patches
from ganaug.gan.cycle import back_to_source
from ganaug.gan.networks import Generator, Network, Shape, Source, pyramid, translator_halvings
from ganaug.gan.objectives import Critique


@settings
class Stargan(Network):
    """A generator with the class as constant maps beside the source image; a discriminator that rates patches."""

    z_dim: NonNegativeInt = 0
    """Length of z, the noise vector, which enters as constant maps like the class. StarGAN: 0, one translation per
    source image; more sources bring more variety than noise does."""
    channels: PositiveInt = 32
    """Channels at full resolution; each halving doubles them, up to 4 times in the generator and 8 times in the
    discriminator. StarGAN: 64, doubled without a limit, for 128×128 photographs."""
    blocks: PositiveInt = 3
    """Residual blocks at the generator's lowest resolution. StarGAN: 6."""
    norm: Literal["instance", "layer"] = "instance"
    """The generator's norm. Instance norm, as in the paper, removes each image's brightness and contrast; where these
    matter, layer norm keeps more of them: it has one mean and standard deviation for all features."""
    cycle: NonNegativeFloat = 10.0
    """Weight of cycle consistency: mean absolute difference between a source image and its back-translation (eq. 4)."""
    identity: NonNegativeFloat = 0.0
    """Weight of the identity term: mean absolute difference between an image and its translation to its own class (Zhu
    et al., CycleGAN, 2017, section 5.2); it keeps colours. StarGAN: 0."""
    generator_conditioning: Literal["maps", "none"] = "maps"
    """The class as constant maps beside the source image."""
    discriminator_conditioning: HeadName = "auxiliary"
    """An auxiliary classifier as in the paper, projection, or a classifier with a class for fake images (for
    `sgan`)."""

    @classmethod
    def small(cls) -> Self:
        return cls(channels=4, blocks=1)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings."""
        return self.channels * min(2**level, 4)

    def normalise(self, channels: int) -> nn.Module:
        """Return the generator's norm layer."""
        if self.norm == "layer":
            return nn.GroupNorm(1, channels)
        return nn.InstanceNorm2d(channels, affine=True)


class _Block(nn.Module):
    """A residual block at constant resolution."""

    def __init__(self, network: Stargan, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _conv(channels, channels, 3),
            network.normalise(channels),
            nn.ReLU(),
            _conv(channels, channels, 3),
            network.normalise(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class _Generator(Generator):
    translates: ClassVar[bool] = True

    def __init__(self, network: Stargan, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        self.cycle, self.identity = network.cycle, network.identity
        self.conditional = network.generator_conditioning == "maps"
        halvings = translator_halvings(shape)
        inputs = shape.channels + network.z_dim + (classes if self.conditional else 0)
        self.first = _layer(network, _conv(inputs, network.width(0), 7))
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level in range(halvings):
            above, below = network.width(level), network.width(level + 1)
            self.down.append(_layer(network, _conv(above, below, 4, stride=2)))
            self.up.insert(0, _layer(network, _conv(below, above, 3)))
        self.blocks = nn.Sequential(*(_Block(network, network.width(halvings)) for _ in range(network.blocks)))
        self.last = _conv(network.width(0), shape.channels, 7)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        assert source is not None
        inputs = [self.truncation * z, condition] if self.conditional else [self.truncation * z]
        maps = torch.cat(inputs, dim=1)[..., None, None].expand(-1, -1, *source.shape[2:])
        x = self.first(torch.cat([source, maps], dim=1))
        sizes = []
        for layer in self.down:
            sizes.append(x.shape[2:])
            x = layer(x)
        x = self.blocks(x)
        for layer, size in zip(self.up, reversed(sizes), strict=True):
            x = layer(interpolate(x, size=size))
        return torch.tanh(self.last(x))

    def own_terms(self, z: Tensor, condition: Tensor, source: Source | None, images: Tensor) -> dict[str, Tensor]:
        assert source is not None
        starts = {"cycle": (self.cycle, images), "identity": (self.identity, source.images)}
        return back_to_source(self, z, source, starts)


class _Discriminator(nn.Module):
    def __init__(self, network: Stargan, shape: Shape, classes: int) -> None:
        super().__init__()
        halvings = pyramid(shape).levels + 1  # to 2×2 or 3×3 patches, as in the paper
        layers: list[nn.Module] = []
        inputs = shape.channels
        for level in range(halvings):
            outputs = network.channels * min(2**level, 8)
            layers += [_conv(inputs, outputs, 4, stride=2), nn.LeakyReLU(0.01)]
            inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.head = head(network.discriminator_conditioning, inputs, classes)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        return rate_patches(self.head, self.layers(images), condition)


def _layer(network: Stargan, conv: nn.Conv2d) -> nn.Module:
    """Return a layer of the generator: the convolution, a norm and ReLU."""
    return nn.Sequential(conv, network.normalise(conv.out_channels), nn.ReLU())


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """Return a convolution that keeps the size, or halves it.

    Pads with zeros, never by reflection: instance norm removes maps that are constant up to the border, such as the
    class maps (yunjey/stargan, model.py).
    """
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=(kernel - 1) // 2)
