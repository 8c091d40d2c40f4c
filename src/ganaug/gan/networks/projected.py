"""Projected GAN: a discriminator on a pretrained network's features and a light generator, for 8 to 256 pixels.

Sauer et al., Projected GANs Converge Faster, 2021; Liu et al., Towards Faster and Stabilized GAN Training for
High-fidelity Few-shot Image Synthesis (FastGAN), 2021. Differences: the generator injects no noise, so that an image is
a function of z; the heads use class projection. Needs no penalty; designed for the objective `hinge`.
"""

from itertools import pairwise
from typing import ClassVar, Literal, Self

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn.functional import glu, interpolate
from torch.nn.utils.parametrizations import spectral_norm

from ganaug.classifier.timm_networks import FromTimm
from ganaug.core.config import settings
from ganaug.core.extras import require
from ganaug.core.weight_files import NONE, Weights
from ganaug.gan.conditioning import HeadName, JoinLabel, batch_norm, head, rate_patches
from ganaug.gan.feature_projection import FeatureProjection
from ganaug.gan.networks import Generator, Network, Shape, pyramid
from ganaug.gan.objectives import Critique

SKIPPED = 4
"""Number of doublings that a skip-layer excitation spans, if there are that many. FastGAN: 4."""
WHOLE = 8
"""Largest side of a feature map that a head rates without halving it."""


@settings
class Projected(FromTimm, Network):
    """A light generator, and a discriminator whose small heads rate fixed features at several scales."""

    backbone: ClassVar[str] = "projection.backbone"
    model: str
    """Name of the network in timm whose features the discriminator sees, such as `tf_efficientnet_lite0`. Projected GAN
    worked best with EfficientNets."""
    weights: Weights
    """The network's pretrained weights: a file (safetensors or a PyTorch state dict); `pip:<package>/<file>`: a file of
    an installed package; `hub`: timm's weights for this network on the Hugging Face Hub, or
    `hub:<owner>/<repository>@<revision>`: others on the Hub, both downloaded if necessary; `none`: random features, for
    comparison."""
    input_size: PositiveInt = 128
    """Height and width in pixels to which the discriminator resizes images. Projected GAN: at least 224; 128 takes a
    third of the time."""
    z_dim: PositiveInt = 64
    """Length of z, the noise vector. FastGAN: 256."""
    channels: PositiveInt = 32
    """The generator's channels at full resolution; each halving doubles them, up to 8 times. FastGAN: 128, for 128×128
    pixels."""
    projected_channels: PositiveInt = 32
    """Channels of the finest projected features; each coarser scale has twice as many. Projected GAN: 64."""
    generator_conditioning: Literal["batch_norm", "embedding", "none"] = "batch_norm"
    """Class-conditional batch norm, or an embedding of the class, concatenated to z."""
    discriminator_conditioning: HeadName = "projection"
    """Projection, an auxiliary classifier, or a classifier with a class for fake images (for `sgan`)."""
    takes_attributes: ClassVar[bool] = True
    normalises_batches: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raise InputError if timm is not installed."""
        require("timm", "pretrained")

    @classmethod
    def small(cls) -> Self:
        return cls(model="test_efficientnet", weights=NONE, input_size=32, z_dim=5, channels=4, projected_channels=4)

    def generator(self, shape: Shape, classes: int) -> Generator:
        return _Generator(self, shape, classes)

    def discriminator(self, shape: Shape, classes: int) -> nn.Module:
        return _Discriminator(self, classes)

    def check(self) -> None:
        self.load_pretrained(_Discriminator(self, 2))

    def width(self, level: int) -> int:
        """Return the generator's channels after `level` halvings."""
        return self.channels * min(2**level, 8)


class _Gated(nn.Module):
    """Batch norm and a gated linear unit, which halves the channels: (N, 2·C, H, W), condition → (N, C, H, W)."""

    def __init__(self, channels: int, classes: int, *, conditional: bool) -> None:
        super().__init__()
        self.norm = batch_norm(2 * channels, classes, conditional=conditional)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        return glu(self.norm(x, condition), dim=1)


class _Excitation(nn.Module):
    """Scales the channels of large feature maps by factors computed from small ones (FastGAN, eq. 1 and figure 3)."""

    def __init__(self, small: int, large: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(16 * small, large, bias=False),
            nn.LeakyReLU(0.1),
            nn.Linear(large, large, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, small: Tensor, large: Tensor) -> Tensor:
        return large * self.layers(small)[..., None, None]


class _Generator(Generator):
    def __init__(self, network: Projected, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        levels, height, width = pyramid(shape)
        conditional = network.generator_conditioning == "batch_norm"
        widths = [network.width(level) for level in range(levels, -1, -1)]  # from the base to the image
        self.size = shape.height, shape.width
        self.join = JoinLabel(network.z_dim, classes, joined=network.generator_conditioning == "embedding")
        self.first = nn.ConvTranspose2d(self.join.size, 2 * widths[0], (height, width), bias=False)
        self.convs = nn.ModuleList(
            nn.Conv2d(small, 2 * large, 3, padding=1, bias=False) for small, large in pairwise(widths)
        )
        self.gates = nn.ModuleList(_Gated(width, classes, conditional=conditional) for width in widths)
        self.skipped = min(SKIPPED, levels)
        self.excitations = nn.ModuleList(
            _Excitation(small, large) for small, large in zip(widths, widths[self.skipped :], strict=False)
        )
        self.image = nn.Conv2d(widths[-1], shape.channels, 3, padding=1)

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        x = self.first(self.join(self.truncation * z, condition)[..., None, None])
        maps = [self.gates[0](x, condition)]
        for conv, gate in zip(self.convs, self.gates[1:], strict=True):
            x = gate(conv(interpolate(maps[-1], scale_factor=2)), condition)
            if len(maps) >= self.skipped:
                skip = len(maps) - self.skipped
                x = self.excitations[skip](maps[skip], x)
            maps.append(x)
        return torch.tanh(self.image(maps[-1]))[..., : self.size[0], : self.size[1]]


class _Scale(nn.Module):
    """Rates features (N, C, H, W) at one scale, patch by patch (section 3.2, Multi-Scale Discriminators)."""

    def __init__(self, channels: int, side: int, network: Projected, classes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        while side > WHOLE:
            conv = nn.Conv2d(channels, channels, 4, stride=2, padding=1, bias=False)
            layers += [spectral_norm(conv), nn.BatchNorm2d(channels), nn.LeakyReLU(0.2)]
            side //= 2
        last = nn.Conv2d(channels, channels, min(4, side), bias=False)
        self.layers = nn.Sequential(*layers, spectral_norm(last), nn.LeakyReLU(0.2))
        self.head = head(network.discriminator_conditioning, channels, classes, spectral_norm)

    def forward(self, features: Tensor, condition: Tensor) -> Critique:
        return rate_patches(self.head, self.layers(features), condition)


class _Discriminator(nn.Module):
    def __init__(self, network: Projected, classes: int) -> None:
        super().__init__()
        self.projection = FeatureProjection(network.model, network.input_size, network.projected_channels)
        self.scales = nn.ModuleList(_Scale(*shape, network, classes) for shape in self.projection.shapes)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        rated = [scale(maps, condition) for scale, maps in zip(self.scales, self.projection(images), strict=True)]
        realness, features, logits = zip(*rated, strict=True)
        return Critique(
            torch.cat(realness, dim=1),
            torch.cat(features, dim=1),
            None if logits[0] is None else torch.stack(logits).mean(dim=0),
        )
