"""An image-to-image generator for each class: CycleGAN (Zhu et al., 2017), for 8 to 128 pixels.

With two classes these are the paper's generators and discriminators; with more, each class still has one of each.
Differences from the paper: source images are drawn from all training images, so some are of the target class already,
and their translations count as fakes too. Weights of the terms are half of the published ones, because the code
published with the paper does not halve the generator's least-squares loss, but `least_squares` does. Images are
enlarged before a convolution instead of by a transposed convolution, which leaves a checkerboard.
"""

from typing import ClassVar, Literal, Self

import torch
from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import interpolate, leaky_relu

from ganaug.core.config import settings
from ganaug.gan.cycle import back_to_source
from ganaug.gan.draws import per_image
from ganaug.gan.networks import Generator, Network, Shape, Source, pyramid, translator_halvings
from ganaug.gan.objectives import Critique
from ganaug.gan.routing import RoutedConv2d, routed


@settings
class Cyclegan(Network):
    """For each class, a generator (encoder, residual blocks, decoder) and a discriminator that rates patches."""

    z_dim: NonNegativeInt = 0
    """Length of z, the noise vector, which shifts the first features. CycleGAN: 0, one translation per source image."""
    channels: PositiveInt = 24
    """Channels at full resolution; each halving doubles them. CycleGAN: 64."""
    blocks: PositiveInt = 3
    """Residual blocks at the generator's lowest resolution. CycleGAN: 6 for 128 pixels, 9 for 256."""
    patch_layers: PositiveInt = 1
    """Halvings before patches are rated: patches of 16, 34 or 70 pixels for 1, 2 or 3. CycleGAN: 3."""
    cycle: NonNegativeFloat = 5.0
    """Weight of cycle consistency: mean absolute difference between a source image and its back-translation (eq. 2)."""
    identity: NonNegativeFloat = 2.5
    """Weight of the identity term: mean absolute difference between an image and its translation to its own class
    (section 5.2); it keeps colours, and hinders large changes."""
    cycle_noise: NonNegativeFloat = 0.02
    """Standard deviation of the noise added to a translation before it is translated back, so that it cannot hide its
    source in fine patterns (Chu et al., CycleGAN, a Master of Steganography, 2017; Bashkirova et al., 2019)."""
    history: NonNegativeInt = 50
    """Number of older translations kept per class; half of the discriminator's fakes are taken from these. CycleGAN:
    50."""
    generator_conditioning: Literal["routed", "none"] = "routed"
    """A generator for each class ("routed"), or one generator that does not know the class."""
    discriminator_conditioning: Literal["routed", "none"] = "routed"
    """A discriminator for each class ("routed"), or one for all classes."""

    @classmethod
    def small(cls) -> Self:
        return cls(channels=4, blocks=1)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)


class _Layer(nn.Module):
    """A convolution, instance norm and, unless `linear`, ReLU."""

    def __init__(
        self, networks: int, inputs: int, outputs: int, kernel: int, stride: int = 1, *, linear: bool = False
    ) -> None:
        super().__init__()
        self.conv = RoutedConv2d(networks, inputs, outputs, kernel, stride=stride, reflect=stride == 1)
        self.norm, self.linear = nn.InstanceNorm2d(outputs), linear

    def forward(self, x: Tensor, shares: Tensor, shift: Tensor | None = None) -> Tensor:
        """shift: (N, O), added after instance norm, which would remove a constant, and before ReLU."""
        normalised: Tensor = self.norm(self.conv(x, shares))
        if shift is not None:
            normalised = normalised + shift[..., None, None]
        return normalised if self.linear else normalised.relu()


class _Block(nn.Module):
    """A residual block at constant resolution."""

    def __init__(self, networks: int, channels: int) -> None:
        super().__init__()
        self.first = _Layer(networks, channels, channels, 3)
        self.second = _Layer(networks, channels, channels, 3, linear=True)

    def forward(self, x: Tensor, shares: Tensor) -> Tensor:
        return x + self.second(self.first(x, shares), shares)


class _Generator(Generator):
    translates: ClassVar[bool] = True

    def __init__(self, network: Cyclegan, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        self.cycle, self.cycle_noise, self.identity = network.cycle, network.cycle_noise, network.identity
        self.networks = count = classes if network.generator_conditioning == "routed" else 1
        width = network.channels
        halvings = translator_halvings(shape)
        self.first = _Layer(count, shape.channels, width, 7)
        self.shift = nn.Linear(network.z_dim, width) if network.z_dim else None
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level in range(halvings):
            above, below = width * 2**level, width * 2 ** (level + 1)
            self.down.append(_Layer(count, above, below, 3, stride=2))
            self.up.insert(0, _Layer(count, below, above, 3))
        lowest = width * 2**halvings
        self.blocks = nn.ModuleList(_Block(count, lowest) for _ in range(network.blocks))
        self.last = RoutedConv2d(count, width, shape.channels, 7, reflect=True)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        assert source is not None
        shares = routed(condition, self.networks)
        x = self.first(source, shares, None if self.shift is None else self.shift(self.truncation * z))
        sizes = []
        for layer in self.down:
            sizes.append(x.shape[2:])
            x = layer(x, shares)
        for block in self.blocks:
            x = block(x, shares)
        for layer, size in zip(self.up, reversed(sizes), strict=True):
            x = layer(interpolate(x, size=size), shares)
        return torch.tanh(self.last(x, shares))

    def own_terms(self, z: Tensor, condition: Tensor, source: Source | None, images: Tensor) -> dict[str, Tensor]:
        assert source is not None
        noise = self.cycle_noise * per_image(torch.randn, *images.shape, device=images.device)
        starts = {"cycle": (self.cycle, images + noise), "identity": (self.identity, source.images)}
        return back_to_source(self, z, source, starts)


class _Discriminator(nn.Module):
    def __init__(self, network: Cyclegan, shape: Shape, classes: int) -> None:
        super().__init__()
        self.networks = count = classes if network.discriminator_conditioning == "routed" else 1
        halvings = min(network.patch_layers, pyramid(shape).levels)
        widths = [shape.channels, *(network.channels * min(2**level, 8) for level in range(halvings + 1))]
        self.layers = nn.ModuleList(
            RoutedConv2d(count, widths[level], widths[level + 1], 4, stride=2 if level < halvings else 1)
            for level in range(halvings + 1)
        )
        norms = (nn.InstanceNorm2d(width) if level else nn.Identity() for level, width in enumerate(widths[1:]))
        self.norms = nn.ModuleList(norms)
        self.rate = RoutedConv2d(count, widths[-1], 1, 4)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        shares, x = routed(condition, self.networks), images
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = leaky_relu(norm(layer(x, shares)), 0.2)
        return Critique(self.rate(x, shares).flatten(1).float(), x.mean((2, 3)))
