"""A tiny image-to-image network, for tests: paints over a source image, and is trained to restore it."""

from math import prod

from torch import cat, nn

from ganaug.core.config import settings
from ganaug.gan.conditioning import head
from ganaug.gan.networks import Generator, Network


@settings
class Painter(Network):
    z_dim: int = 3
    generator_conditioning: str = "embedding"
    discriminator_conditioning: str = "projection"

    def generator(self, shape, classes):
        return _Generator(self.z_dim, shape, classes)

    def discriminator(self, shape, classes):
        return _Discriminator(self.discriminator_conditioning, shape, classes)


class _Generator(Generator):
    translates = True

    def __init__(self, z_dim, shape, classes):
        super().__init__(z_dim, classes)
        self.paint = nn.Sequential(nn.Linear(z_dim + classes, prod(shape)), nn.Tanh(), nn.Unflatten(1, shape))

    def forward(self, z, condition, source=None):
        return (source + self.paint(cat([self.truncation * z, condition], dim=1))) / 2

    def own_terms(self, z, condition, source, images):
        return {
            "identity": 0.1 * (images - source.images).abs().mean(),
            "cycle": 0.1 * (self(z, source.condition, images) - source.images).square().mean(),
        }


class _Discriminator(nn.Module):
    def __init__(self, conditioning, shape, classes):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), 8), nn.LeakyReLU(0.2))
        self.head = head(conditioning, 8, classes)

    def forward(self, images, condition):
        return self.head(self.layers(images), condition)
