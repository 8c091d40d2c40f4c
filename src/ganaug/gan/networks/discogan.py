"""Pairs of encoder and decoder: DiscoGAN (Kim et al., 2017), for 8 to 128 pixels.

With two classes these are the paper's generators and discriminators; with more, each class still has one of each. For a
loss like the paper's, use the objective `non_saturating` with `feature_matching: 9`. Differences from the paper: source
images are drawn from all training images, so some are of the target class already; features are matched only in the
discriminators' last layers, in their means over all classes; the weight of the reconstruction is constant; batch norm
uses statistics of all classes together; images are enlarged before a convolution instead of by a transposed
convolution, which leaves a checkerboard.
"""

from typing import ClassVar, Literal, Self

import torch
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu

from ganaug.core.config import settings
from ganaug.gan.conditioning import batch_norm
from ganaug.gan.networks import Generator, Network, Shape, Source, pyramid
from ganaug.gan.objectives import Critique
from ganaug.gan.routing import RoutedConv2d, routed


@settings
class Discogan(Network):
    """For each class, an encoder and decoder with a small code, so shapes can change more than with residual blocks."""

    z_dim: NonNegativeInt = 0
    """Length of z, the noise vector, as constant maps beside the source image. DiscoGAN: 0, one translation per source
    image."""
    channels: PositiveInt = 32
    """Channels after the first halving; each further halving doubles them, up to 8 times. DiscoGAN: 64."""
    reconstruction: NonNegativeFloat = 2.5
    """Weight of the mean squared difference between a source image and its back-translation. DiscoGAN: 1 with an
    adversarial weight of 0.1, for images in [0, 1]; this equals 2.5 with an adversarial weight of 1, for images in
    [-1, 1]."""
    generator_conditioning: Literal["routed", "none"] = "routed"
    """A generator for each class ("routed"), or one generator that does not know the class."""
    discriminator_conditioning: Literal["routed", "none"] = "routed"
    """A discriminator for each class ("routed"), or one for all classes."""
    normalises_batches: ClassVar[bool] = True

    @classmethod
    def small(cls) -> Self:
        return cls(channels=4)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings, 1 or more."""
        return self.channels * min(2 ** (level - 1), 8)


class _Generator(Generator):
    translates: ClassVar[bool] = True

    def __init__(self, network: Discogan, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        self.reconstruction = network.reconstruction
        self.networks = networks = classes if network.generator_conditioning == "routed" else 1
        self.down, self.down_norms, self.up, self.up_norms = (nn.ModuleList() for _ in range(4))
        above = shape.channels + network.z_dim
        for level in range(1, pyramid(shape).levels + 1):
            below = network.width(level)
            self.down.append(RoutedConv2d(networks, above, below, 4, stride=2))
            self.down_norms.append(batch_norm(below, networks, conditional=True) if level > 1 else nn.Identity())
            back = network.width(level - 1) if level > 1 else network.channels
            self.up.insert(0, RoutedConv2d(networks, below, back, 3))
            self.up_norms.insert(0, batch_norm(back, networks, conditional=True))
            above = below
        self.last = RoutedConv2d(networks, network.channels, shape.channels, 3)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        assert source is not None
        shares = routed(condition, self.networks)
        maps = (self.truncation * z)[..., None, None].expand(-1, -1, *source.shape[2:])
        x = torch.cat([source, maps], dim=1)
        sizes = []
        for level, (conv, norm) in enumerate(zip(self.down, self.down_norms, strict=True)):
            sizes.append(x.shape[2:])
            x = conv(x, shares)
            x = leaky_relu(norm(x, shares) if level else x, 0.2)
        for conv, norm, size in zip(self.up, self.up_norms, reversed(sizes), strict=True):
            x = norm(conv(interpolate(x, size=size), shares), shares).relu()
        return torch.tanh(self.last(x, shares))

    def own_terms(self, z: Tensor, condition: Tensor, source: Source | None, images: Tensor) -> dict[str, Tensor]:
        assert source is not None
        if not self.reconstruction:
            return {}
        back = self(z, source.condition, images)
        return {"reconstruction": self.reconstruction * (back - source.images).square().mean()}


class _Discriminator(nn.Module):
    def __init__(self, network: Discogan, shape: Shape, classes: int) -> None:
        super().__init__()
        self.networks = networks = classes if network.discriminator_conditioning == "routed" else 1
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        inputs, height, width = shape
        for level in range(1, pyramid(shape).levels + 1):
            self.convs.append(RoutedConv2d(networks, inputs, network.width(level), 4, stride=2))
            self.norms.append(
                batch_norm(network.width(level), networks, conditional=True) if level > 1 else nn.Identity()
            )
            inputs, height, width = network.width(level), height // 2, width // 2
        self.features = inputs * height * width
        self.rate = nn.Parameter(0.02 * torch.randn(networks, self.features))

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        shares = routed(condition, self.networks)
        x = images
        for level, (conv, norm) in enumerate(zip(self.convs, self.norms, strict=True)):
            x = conv(x, shares)
            x = leaky_relu(norm(x, shares) if level else x, 0.2)
        features = x.flatten(1)
        return Critique(((shares @ self.rate) * features).sum(1).float(), features)
