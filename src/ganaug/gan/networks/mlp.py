"""Fully connected networks, for points and very small images.

Goodfellow et al., Generative Adversarial Nets, 2014. Noise, weight norm and batch norm follow the semi-supervised MNIST
networks of Salimans et al., Improved Techniques for Training GANs ("Improved GAN"), 2016, which have other widths.
"""

from math import prod
from typing import Annotated, Literal, Self

import torch
from pydantic import Field, NonNegativeFloat, PositiveInt
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ganaug.core.config import settings
from ganaug.gan.conditioning import HeadName, JoinLabel, Wrap, head
from ganaug.gan.draws import per_image
from ganaug.gan.networks import Generator, Network, Shape
from ganaug.gan.objectives import Critique


@settings
class Mlp(Network):
    """Fully connected generator and discriminator."""

    z_dim: PositiveInt = 64
    """Length of z, the noise vector. Improved GAN: 100."""
    hidden: PositiveInt = 256
    """Units per hidden layer. Improved GAN: 500."""
    layers: PositiveInt = 3
    """Number of hidden layers. Improved GAN: 2."""
    discriminator_hidden: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] | None = None
    """Units of each hidden layer of the discriminator; null: as in the generator. Improved GAN: 1000, 500, 250, 250,
    250."""
    slope: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Negative slope of the discriminator's LeakyReLU. Improved GAN: 0, which classifies better (see docs)."""
    batch_norm: bool = False
    """Batch norm after the generator's hidden layers. Improved GAN: yes; points in the plane do better without."""
    noise: NonNegativeFloat = 0.0
    """Standard deviation of the noise added to the input of each discriminator layer in training; the first layer gets
    1.2 times as much. Improved GAN: 0.5 (and 0.3 for images in [0, 1], which corresponds to 0.6 in [-1, 1])."""
    weight_norm: bool = False
    """Weight norm in the discriminator. Its layers then start with the variance of He et al. (2015), so that noise does
    not drown the signal. Improved GAN: yes, initialised from the first batch, to the same effect."""
    generator_conditioning: Literal["embedding", "none"] = "embedding"
    """An embedding of the class, concatenated to z."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with a class for fake images (for `sgan`)."""

    @classmethod
    def small(cls) -> Self:
        return cls(z_dim=5, hidden=8)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, shape, classes)


class _Generator(Generator):
    def __init__(self, network: Mlp, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        self.join = JoinLabel(network.z_dim, classes, joined=network.generator_conditioning == "embedding")
        layers: list[nn.Module] = []
        width = self.join.size
        for _ in range(network.layers):
            layers.append(nn.Linear(width, network.hidden))
            if network.batch_norm:
                layers.append(nn.BatchNorm1d(network.hidden))
            layers.append(nn.ReLU())
            width = network.hidden
        self.layers = nn.Sequential(*layers, nn.Linear(width, prod(shape)), nn.Tanh(), nn.Unflatten(1, shape))

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        return self.layers(self.join(self.truncation * z, condition))


class _Discriminator(nn.Module):
    def __init__(self, network: Mlp, shape: Shape, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [_Noise(1.2 * network.noise)]
        width = prod(shape)
        wrap: Wrap = _weight_normed if network.weight_norm else lambda layer: layer
        for units in network.discriminator_hidden or (network.hidden,) * network.layers:
            layers += [wrap(nn.Linear(width, units)), nn.LeakyReLU(network.slope), _Noise(network.noise)]
            width = units
        self.layers = nn.Sequential(*layers[:-1])
        self.last_noise = layers[-1]
        self.head = head(network.discriminator_conditioning, width, classes, wrap)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        features = self.layers(images.flatten(1))
        return self.head(self.last_noise(features), condition)._replace(features=features)


def _weight_normed(layer: nn.Module) -> nn.Module:
    nn.init.kaiming_normal_(layer.weight)  # type: ignore[arg-type]
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return weight_norm(layer)


class _Noise(nn.Module):
    """Adds N(0, deviation²) noise in training."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        if not (self.training and self.deviation):
            return x
        return x + self.deviation * per_image(torch.randn, *x.shape, dtype=x.dtype, device=x.device)
