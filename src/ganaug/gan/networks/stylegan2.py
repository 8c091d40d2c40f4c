"""StyleGAN2: Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, for 8 to 128 pixels.

The generator is conditioned as in Karras et al., Training GANs with Limited Data (ADA), 2020; the discriminator uses
plain projection. Path length regularisation is omitted, as in the authors' setup for 32×32; a final tanh is added. The
paper trains with `non_saturating`, R1 every 16 steps, learning rate 0.0025 and betas 0 and 0.99.
"""

from itertools import pairwise
from math import sqrt
from typing import Annotated, ClassVar, Literal, Self

import torch
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor, nn

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.gan.conditioning import HeadName, head
from ganaug.gan.draws import per_image
from ganaug.gan.equalised import GAIN, EqualisedConv, EqualisedLinear, equalised, leaky_relu_, scaled_leaky_relu
from ganaug.gan.filters import downsample, upsample
from ganaug.gan.modulation import StyledConv, ToImage, Width, kept
from ganaug.gan.networks import Generator, Network, Rendering, Shape, Source, StyleGenerator, halved, pyramid
from ganaug.gan.objectives import Critique

CENTRE_SAMPLES = 1024
"""Number of samples of w averaged into a class's centre, for truncation."""


@settings
class StyleGan2(Network):
    """A generator with mapping network, modulated convolutions, noise and image skips; a residual discriminator."""

    z_dim: PositiveInt = 64
    """Length of z, the noise vector, and width of the mapping network. StyleGAN2: 512."""
    channels: PositiveInt = 32
    """Channels at full resolution; each halving doubles them, up to 8 times. StyleGAN2: 512 at 32×32."""
    mapping_layers: PositiveInt = 2
    """Layers of the mapping network, from z to w. StyleGAN2: 8; ADA, for small images: 2."""
    style_mixing: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of training images that switch to the w of a second z at a random layer. StyleGAN2: 0.9; ADA, for 32×32:
    0."""
    widths: tuple[Annotated[float, Field(ge=0.1, lt=1)], ...] = ()
    """Reduced widths, as shares of the generator's channels, at which it also learns to make images, faster. Anycost
    GANs (Lin et al., 2021): 0.25, 0.5, 0.75."""
    halvings: NonNegativeInt = 0
    """How many times the generator also learns to halve the size of its images, for previews. Anycost GANs: 3."""
    narrow_share: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Share of the fake images in training that are made at one of `widths`, for the discriminator to judge."""
    distillation: NonNegativeFloat = 2.0
    """Weight of the mean squared difference between images at reduced width or size and images of the full generator.
    Anycost GANs: 2, and a perceptual term. Without it, or without `narrow_share`, narrow generators made poorer images
    (docs/results)."""
    tanh: bool = True
    """Whether the output goes through tanh. StyleGAN2: no. Without it, the generator must hit black and white exactly
    (digits, scans, X-rays): images stayed grey and blurred, and modes were lost."""
    generator_conditioning: Literal["embedding", "none"] = "embedding"
    """An embedding of the class, concatenated to z before the mapping network."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with a class for fake images (for `sgan`)."""
    compares_images: ClassVar[bool] = True

    @classmethod
    def small(cls) -> Self:
        return cls(z_dim=5, channels=4)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings."""
        return self.channels * min(2**level, 8)


class _Mapping(nn.Module):
    """z (N, z_dim), condition (N, K) → w (N, z_dim)."""

    def __init__(self, network: StyleGan2, classes: int) -> None:
        super().__init__()
        joined = network.generator_conditioning == "embedding"
        self.embedding = EqualisedLinear(classes, network.z_dim) if joined else None
        sizes = [network.z_dim * (1 + joined), *[network.z_dim] * network.mapping_layers]
        self.layers = nn.ModuleList(EqualisedLinear(inputs, outputs, rate=0.01) for inputs, outputs in pairwise(sizes))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        x = _normalise(z)
        if self.embedding is not None:
            strength = condition.sum(1, keepdim=True)  # normalising would remove it
            x = torch.cat([x, strength * _normalise(self.embedding(condition))], dim=1)
        for layer in self.layers:
            x = scaled_leaky_relu(layer(x))
        return x

    def centres(self, z_dim: int, classes: int, like: Tensor) -> Tensor:
        """Return the mean of w without a class and for each class, (1 + K, z_dim), on the device of `like`."""
        z = torch.randn(CENTRE_SAMPLES, z_dim, generator=torch.Generator().manual_seed(0)).to(like)
        rows = torch.eye(1 + classes)[:, 1:].to(like)
        return torch.stack([self(z, row.expand(len(z), -1)).mean(0) for row in rows])


class _Generator(StyleGenerator):
    centres: Tensor
    """Centres towards which w is truncated, by class, (1 + K, z_dim); see `render_as`."""

    def __init__(self, network: StyleGan2, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        levels, *base = pyramid(shape)
        if network.halvings > levels:
            raise InputError(
                f"network.halvings: images of {shape.height}×{shape.width} pixels can be halved {levels} times at most "
                f"(given: {network.halvings})"
            )
        self.shape, self.style_mixing, self.tanh = shape, network.style_mixing, network.tanh
        self.trained_widths, self.trained_halvings = network.widths, network.halvings
        self.distillation, self.narrow_share = network.distillation, network.narrow_share
        self.mapping = _Mapping(network, classes)
        self.register_buffer("centres", None, persistent=False)
        self.start = nn.Parameter(torch.randn(network.width(levels), *base))
        self.convs, self.images = nn.ModuleList(), nn.ModuleList()
        for level in range(levels, -1, -1):
            inputs, width = network.width(min(level + 1, levels)), network.width(level)
            size = base[0] * 2 ** (levels - level), base[1] * 2 ** (levels - level)
            if level < levels:
                self.convs.append(StyledConv(inputs, width, network.z_dim, size, double=True))
            self.convs.append(StyledConv(width, width, network.z_dim, size))
            self.images.append(ToImage(width, shape.channels, network.z_dim))

    def render_as(self, rendering: Rendering) -> None:
        """Render images as in `rendering`, and compute the centres for truncation once."""
        super().render_as(rendering)
        if rendering.truncation != 1:
            with torch.no_grad():
                self.centres = self.mapping.centres(self.z_dim, self.classes, self.start)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        styles = self._styles(z, condition)
        if self.training and self.trained_widths and self.narrow_share:
            return self._finished(self._levels(styles, self._drawn_widths(len(z), self.narrow_share, z.device))[-1])
        return self._render(styles)

    def own_terms(self, z: Tensor, condition: Tensor, source: Source | None, images: Tensor) -> dict[str, Tensor]:
        if not (self.distillation and (self.trained_widths or self.trained_halvings)):
            return {}
        styles = [self.mapping(z, condition)] * self.layers
        with torch.no_grad():
            whole = self._finished(self._levels(styles, fixed=True)[-1])
        levels = self._levels(styles, self._drawn_widths(len(z), 1.0, z.device), fixed=True)
        first = 0 if self.trained_widths else 1  # without narrower widths, the largest image is the full generator's
        errors = [
            (self._finished(levels[-1 - halvings], halvings) - halved(whole, halvings)).square().mean()
            for halvings in range(first, self.trained_halvings + 1)
        ]
        return {"distillation": self.distillation * torch.stack(errors).mean()}

    @property
    def layers(self) -> int:
        """The number of layers that a style scales: the convolutions and the last `ToImage`."""
        return len(self.convs) + 1

    def _render(self, styles: list[Tensor]) -> Tensor:
        _, width, halvings = self.rendering
        return self._finished(self._levels(styles, width, halvings)[-1], halvings)

    def _drawn_widths(self, count: int, share: float, device: torch.device) -> Tensor:
        """Return random widths (count, 1): trained widths, equally likely, for `share` of the images, 1 for the rest.

        `masked_fill` writes the numbers, because copying them to a GPU would stall the step.
        """
        drawn = per_image(torch.rand, count, 1, device=device)
        widths = torch.ones_like(drawn)
        for number, width in reversed(list(enumerate(self.trained_widths, 1))):
            widths = widths.masked_fill(drawn < share * number / len(self.trained_widths), width)
        return widths

    def _levels(
        self, styles: list[Tensor], width: Width = 1.0, halvings: int = 0, *, fixed: bool = False
    ) -> list[Tensor]:
        """Return unfinished images (N, C, H, W) at each resolution, from the base to `halvings` below the full one."""
        start = self.start if isinstance(width, Tensor) else self.start[: kept(len(self.start), width)]
        x = self.convs[0](start.expand(len(styles[0]), -1, -1, -1), styles[0], width, fixed=fixed)
        images = [self.images[0](x, styles[1], width)]
        for level, to_image in enumerate(self.images[1 : len(self.images) - halvings]):
            first = 2 * level + 1
            x = self.convs[first](x, styles[first], width, fixed=fixed)
            x = self.convs[first + 1](x, styles[first + 1], width, fixed=fixed)
            images.append(upsample(images[-1]) + to_image(x, styles[first + 2], width))
        return images

    def _finished(self, image: Tensor, halvings: int = 0) -> Tensor:
        """Crop an image to its size after `halvings`, and apply tanh."""
        height, width = (-(-side // 2**halvings) for side in self.shape[1:])
        image = image[..., :height, :width]
        return image.tanh() if self.tanh else image

    def style(self, z: Tensor, condition: Tensor) -> Tensor:
        w: Tensor = self.mapping(z, condition)
        if self.truncation != 1:
            parts = torch.cat([1 - condition.sum(1, keepdim=True), condition], dim=1)
            centre = parts @ self.centres
            w = centre + self.truncation * (w - centre)
        return w

    def from_style(self, style: Tensor) -> Tensor:
        return self._render([style] * self.layers)

    def style_weights(self) -> Tensor:
        return torch.cat([weight for name, weight in self.convs.named_parameters() if name.endswith("style.weight")])

    def _styles(self, z: Tensor, condition: Tensor) -> list[Tensor]:
        """Return w (N, w_dim) for each convolution, and one more for the last `ToImage`."""
        w, layers = self.style(z, condition), self.layers
        if not (self.training and self.style_mixing):
            return [w] * layers
        other = self.mapping(per_image(torch.randn, *z.shape, dtype=z.dtype, device=z.device), condition)
        crossing = per_image(lambda *size: torch.randint(1, layers, size, device=z.device), len(z), 1)
        mixed = per_image(torch.rand, len(z), 1, device=z.device) < self.style_mixing
        return [torch.where(mixed & (crossing <= layer), other, w) for layer in range(layers)]


class _DownBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        scale = 1 / sqrt(2)  # so that the sum of residual and shortcut has the variance of each
        self.conv1 = EqualisedConv(inputs, inputs, 3, scale=GAIN)
        self.conv2 = EqualisedConv(inputs, outputs, 3, halve=True, scale=GAIN * scale)
        self.skip = EqualisedConv(inputs, outputs, 1, bias=False, scale=scale)

    def forward(self, x: Tensor) -> Tensor:
        h = leaky_relu_(self.conv2(leaky_relu_(self.conv1(x))))
        return h + self.skip(downsample(x))


class _Discriminator(nn.Module):
    def __init__(self, network: StyleGan2, shape: Shape, classes: int) -> None:
        super().__init__()
        levels = pyramid(shape).levels
        width = network.width(levels)
        self.image = EqualisedConv(shape.channels, network.width(0), 1, scale=GAIN)
        self.blocks = nn.Sequential(
            *(_DownBlock(network.width(level), network.width(level + 1)) for level in range(levels))
        )
        self.conv = EqualisedConv(width + 1, width, 3, scale=GAIN)
        self.dense = EqualisedLinear(width * (shape.height >> levels) * (shape.width >> levels), width)
        self.head = head(network.discriminator_conditioning, width, classes, equalised)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        x = self.blocks(leaky_relu_(self.image(images)))
        x = torch.cat([x, minibatch_deviation(x)], dim=1)
        x = leaky_relu_(self.conv(x))
        return self.head(scaled_leaky_relu(self.dense(x.flatten(1))), condition)


def minibatch_deviation(x: Tensor, group: int = 4) -> Tensor:
    """Return the mean standard deviation within groups of `group` images as a feature map (N, 1, H, W).

    Karras et al., Progressive Growing of GANs, 2018. The group size is the largest divisor of N up to `group`; a single
    image has deviation 0.
    """
    count, channels, height, width = x.shape
    size = max(divisor for divisor in range(1, group + 1) if count % divisor == 0)
    groups = x.float().view(size, count // size, channels, height, width)  # 1e-8 is 0 in half precision
    deviation = ((groups - groups.mean(0)).square().mean(0) + 1e-8).sqrt().mean((1, 2, 3))
    return deviation.repeat(size).view(count, 1, 1, 1).expand(-1, -1, height, width)


def _normalise(x: Tensor) -> Tensor:
    """Scale each row to mean square 1."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()
