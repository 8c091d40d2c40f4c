"""Images from descriptions, from coarse to fine: StackGAN++ (Zhang et al., 2018), for 8 to 128 pixels.

Each stage doubles the image size, starting from the previous stage's features and the condition, and has its own
discriminator, which rates an image alone and together with its condition. Differences from the paper: the
discriminators have no batch norm, so that R1 is possible, and rate pairs by projection, a sum over attributes, so that
they can judge pairs of words that they have never seen; the colour consistency term, which the paper uses only without
conditions, is omitted.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import torch
from pydantic import Field, NonNegativeFloat, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import interpolate

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.gan.conditioning import head
from ganaug.gan.networks import Generator, Network, Shape, Source, halved, pyramid
from ganaug.gan.objectives import Critique


@settings
class Stackgan(Network):
    """Conditioning augmentation, stages that make an image each, and discriminators that also see mismatched pairs."""

    z_dim: PositiveInt = 96
    """Length of z: noise, and `condition_dim` numbers that vary the condition. StackGAN++: 100 and 128."""
    condition_dim: PositiveInt = 32
    """Length of the embedded condition. StackGAN++: 128, for sentences."""
    channels: PositiveInt = 32
    """Channels at full resolution; each halving doubles them, up to 8 times. StackGAN++: 64, for 256×256 pixels."""
    stages: PositiveInt = 3
    """Stages, each twice as large as the previous one; fewer if the first would be below 8 pixels. StackGAN++: 3."""
    blocks: PositiveInt = 2
    """Residual blocks of each stage except the first. StackGAN++: 2."""
    kl: NonNegativeFloat = 0.2
    """Weight of the divergence of embedded conditions from N(0, 1), per dimension (eq. 3). StackGAN++: 2, for
    sentences; for pairs of words, this drowned the condition in noise (docs/results)."""
    mismatched: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """Share of mismatched pairs, a real image with another image's condition, in the discriminators' loss."""
    generator_conditioning: Literal["augmentation", "none"] = "augmentation"
    """A normal distribution around an embedding of the condition."""
    discriminator_conditioning: Literal["pairs", "none"] = "pairs"
    """An image is rated alone, and as a pair with its condition."""
    takes_attributes: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raise InputError if z has no room for noise."""
        if self.condition_dim >= self.z_dim:
            raise InputError(
                "z_dim: must be more than condition_dim, which is a part of z; raise z_dim or lower condition_dim"
            )

    @classmethod
    def small(cls) -> Self:
        return cls(z_dim=5, condition_dim=2, channels=4, blocks=1)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)

    def views(self, images: Tensor) -> Tensor:
        """Return images (N, C, H, W) and their smaller versions, enlarged again, as channels (N, S·C, H, W).

        DiffAugment then moves all versions alike, and averaging recovers each.
        """
        views = [images]
        for level in range(1, self.number_of_stages(Shape(*images.shape[1:]))):
            views.append(_enlarged(halved(images, level), level, images))
        return torch.cat(views, dim=1)

    def conditional(self, critique: Critique) -> Critique:
        """Return the ratings of pairs: the second half."""
        return critique._replace(realness=critique.realness.chunk(2, dim=1)[1])

    def number_of_stages(self, shape: Shape) -> int:
        """Return the number of stages S for images of `shape`."""
        return max(1, min(self.stages, pyramid(shape).levels))

    def width(self, level: int) -> int:
        """Return the number of channels after `level` halvings."""
        return self.channels * min(2**level, 8)


def _enlarged(images: Tensor, level: int, like: Tensor) -> Tensor:
    """Return images with each pixel repeated 2^level times, cut to the size of `like`: `halved` undoes it."""
    enlarged = interpolate(images, scale_factor=float(2**level)) if level else images
    return enlarged[..., : like.shape[2], : like.shape[3]]


class _Augmentation(nn.Module):
    """Conditioning augmentation: condition (N, K) → mean and log variance (N, D) of its embedding (section 3.1).

    Linear, so that the mean for a pair of words is the sum of their means.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, 2 * size)

    def forward(self, condition: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = self.linear(condition).chunk(2, dim=1)
        return mean, log_variance


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of N(mean, variance) from N(0, 1), a scalar: the mean over all entries.

    mean, log_variance: (N, D).
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()


def _up(inputs: int, outputs: int) -> nn.Module:
    """Return a layer that doubles the size."""
    return nn.Sequential(nn.Upsample(scale_factor=2), _gated(inputs, outputs))


def _gated(inputs: int, outputs: int) -> nn.Module:
    """Return a convolution with batch norm and a gated linear unit."""
    conv = nn.Conv2d(inputs, 2 * outputs, 3, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(2 * outputs), nn.GLU(dim=1))


class _Block(nn.Module):
    """A residual block at constant resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.layers = nn.Sequential(_gated(channels, channels), conv, nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class _Stage(nn.Module):
    """Features (N, F, H, W), embedded condition (N, D) → features of twice the size."""

    def __init__(self, network: Stackgan, level: int) -> None:
        super().__init__()
        channels = network.width(level + 1)
        self.join = _gated(channels + network.condition_dim, channels)
        self.blocks = nn.Sequential(*(_Block(channels) for _ in range(network.blocks)))
        self.up = _up(channels, network.width(level))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        return self.up(self.blocks(self.join(_joined(x, condition))))


def _joined(x: Tensor, condition: Tensor) -> Tensor:
    """Return features (N, F, H, W) with the condition (N, D) as constant maps: (N, F + D, H, W)."""
    return torch.cat([x, condition[..., None, None].expand(-1, -1, *x.shape[2:])], dim=1)


class _Generator(Generator):
    """Returns the images of the last stage; in training, those of all stages, arranged as in `Stackgan.views`."""

    def __init__(self, network: Stackgan, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        self.size, self.kl = (shape.height, shape.width), network.kl
        self.condition_dim, stages = network.condition_dim, network.number_of_stages(shape)
        levels, *self.base = pyramid(shape)
        conditional = network.generator_conditioning == "augmentation"
        self.augment = _Augmentation(classes, network.condition_dim) if conditional else None
        self.first = nn.Linear(network.z_dim, network.width(levels) * self.base[0] * self.base[1])
        steps = range(levels, stages - 1, -1)
        self.up = nn.Sequential(*(_up(network.width(level), network.width(level - 1)) for level in steps))
        self.stages = nn.ModuleList(_Stage(network, level) for level in range(stages - 2, -1, -1))
        self.images = nn.ModuleList(
            nn.Conv2d(network.width(level), shape.channels, 3, padding=1) for level in range(stages - 1, -1, -1)
        )

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        noise, embedded = (self.truncation * z).tensor_split([self.z_dim - self.condition_dim], dim=1)
        if self.augment is not None:
            mean, log_variance = self.augment(condition)
            embedded = mean + embedded * (log_variance / 2).exp()
        x = self.first(torch.cat([noise, embedded], dim=1)).unflatten(1, (-1, *self.base))
        x = self.up(x.contiguous(memory_format=torch.channels_last))
        features = [x]
        for stage in self.stages:
            features.append(stage(features[-1], embedded))
        like = x.new_empty((1, 1, *self.size), device="meta")
        if not self.training:
            return torch.tanh(_enlarged(self.images[-1](features[-1]), 0, like))
        made = [
            _enlarged(torch.tanh(to_image(x)), len(features) - 1 - number, like)
            for number, (to_image, x) in enumerate(zip(self.images, features, strict=True))
        ]
        return torch.cat(made[::-1], dim=1)

    def own_terms(self, z: Tensor, condition: Tensor, source: Source | None, images: Tensor) -> dict[str, Tensor]:
        if self.augment is None or not self.kl:
            return {}
        return {"divergence": self.kl * divergence(*self.augment(condition))}


class _StageDiscriminator(nn.Module):
    """Images of one size, condition (N, K) → realness alone and as a pair (N, 2), features (N, F)."""

    def __init__(self, network: Stackgan, shape: Shape, classes: int, level: int, levels: int) -> None:
        """shape: of the images after `level` of `levels` halvings."""
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(shape.channels, network.width(level), 3, padding=1)]
        for inner in range(level, levels):
            layers += [_activation(), nn.Conv2d(network.width(inner), network.width(inner + 1), 4, 2, padding=1)]
        self.layers = nn.Sequential(*layers, _activation())
        inputs = network.width(levels) * (shape.height >> (levels - level)) * (shape.width >> (levels - level))
        self.alone = nn.Linear(inputs, 1)
        self.pair = head("projection", inputs, classes) if network.discriminator_conditioning == "pairs" else None

    def forward(self, images: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        x = self.layers(images)
        realness: Tensor = self.alone(x.flatten(1))
        if self.pair is not None:
            pair: Tensor = self.pair(x.flatten(1), condition).realness
            realness = torch.cat([realness, pair[:, None]], dim=1)
        return realness, x.mean(dim=(2, 3))


class _Discriminator(nn.Module):
    """Images or their views, condition (N, K) → realness (N, 2·S): of each stage's images alone, then of pairs.

    Without conditioning, realness is (N, S).
    """

    def __init__(self, network: Stackgan, shape: Shape, classes: int) -> None:
        super().__init__()
        self.network, self.channels = network, shape.channels
        self.stages = nn.ModuleList()
        for level in range(network.number_of_stages(shape)):
            height, width = -(-shape.height // 2**level), -(-shape.width // 2**level)
            smaller = Shape(shape.channels, height, width)
            self.stages.append(_StageDiscriminator(network, smaller, classes, level, pyramid(shape).levels))

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        if images.shape[1] == self.channels:
            images = self.network.views(images)
        views = images.chunk(len(self.stages), dim=1)
        rated = [stage(halved(views[level], level), condition) for level, stage in enumerate(self.stages)]
        realness = torch.stack([realness for realness, _ in rated], dim=2)  # N, 1 or 2, S
        return Critique(realness.flatten(1).float(), torch.cat([features for _, features in rated], dim=1))


def _activation() -> nn.Module:
    return nn.LeakyReLU(0.2)
