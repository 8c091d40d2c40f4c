"""Fully connected networks, for points and very small images.

Goodfellow et al., Generative Adversarial Nets, 2014. Noise, weight norm and batch norm are those of the networks that
Salimans et al., Improved Techniques for Training GANs, 2016, use for semi-supervised MNIST; theirs have other widths.
"""

from math import prod
from typing import Literal

import torch
from pydantic import NonNegativeFloat, PositiveInt
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ganaug.conditioning import HeadName, JoinLabel, Wrap, head
from ganaug.config import settings
from ganaug.networks import Generator, Network, Shape
from ganaug.objectives import Critique


@settings
class Mlp(Network):
    """Layers of one width; the class joins z in the generator."""

    z_dim: PositiveInt = 64
    """Noise inputs. Improved GAN: 100."""
    hidden: PositiveInt = 256
    """Units in each hidden layer. Improved GAN: 500 in the generator, 1,000 to 250 in the discriminator."""
    layers: PositiveInt = 3
    """Hidden layers of each network. Improved GAN: 2 in the generator, 5 in the discriminator."""
    batch_norm: bool = False
    """Batch norm after the generator's hidden layers. Improved GAN: yes; points on a plane do better without."""
    noise: NonNegativeFloat = 0.0
    """Standard deviation of the noise that training adds before each of the discriminator's layers but the first, which
    gets three fifths of it. Improved GAN: 0.5."""
    weight_norm: bool = False
    """Weight norm in the discriminator. Improved GAN: yes."""
    generator_conditioning: Literal["embedding", "none"] = "embedding"
    """An embedding of the class joined to z."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with the class "fake" (for `sgan`)."""

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

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        images: Tensor = self.layers(self.join(self.truncation * z, condition))
        return images


class _Discriminator(nn.Module):
    def __init__(self, network: Mlp, shape: Shape, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [_Noise(0.6 * network.noise)]
        width = prod(shape)
        wrap: Wrap = weight_norm if network.weight_norm else lambda layer: layer
        for _ in range(network.layers):
            layers += [wrap(nn.Linear(width, network.hidden)), nn.LeakyReLU(0.2), _Noise(network.noise)]
            width = network.hidden
        self.layers = nn.Sequential(*layers[:-1])
        self.last_noise = layers[-1]
        self.head = head(network.discriminator_conditioning, width, classes, wrap)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        features = self.layers(images.flatten(1))
        return self.head(self.last_noise(features), condition)._replace(features=features)


class _Noise(nn.Module):
    """Adds N(0, deviation²) in training."""

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        return x + self.deviation * torch.randn_like(x) if self.training and self.deviation else x
