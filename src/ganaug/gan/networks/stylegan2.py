"""StyleGAN2: Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, for 8 to 128 pixels.

The generator is conditioned as in Karras et al., Training GANs with Limited Data (ADA), 2020; the discriminator uses
plain projection. Path length regularisation is left out, as the authors do for 32×32; a final tanh is added. The paper
trains with `non_saturating`, R1 every 16 steps, learning rate 0.0025 and betas 0 and 0.99.
"""

from itertools import pairwise
from math import sqrt
from typing import Annotated, ClassVar, Literal, Self

import torch
from pydantic import Field, PositiveInt
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, leaky_relu, linear

from ganaug.core.config import settings
from ganaug.gan.conditioning import HeadName, head
from ganaug.gan.draws import per_image
from ganaug.gan.filters import downsample, low_pass, upsample
from ganaug.gan.networks import Generator, Network, Shape, pyramid
from ganaug.gan.objectives import Critique

GAIN = sqrt(2)
"""Gain of LeakyReLU that preserves the mean square. Convolutions fold it into their weights, which saves a pass."""
CENTRE_SAMPLES = 1024
"""Samples of w averaged into a class's centre, for truncation."""


@settings
class StyleGan2(Network):
    """A generator of mapping network, modulated convolutions, noise and image skips; a residual discriminator."""

    z_dim: PositiveInt = 64
    """Length of z, the noise vector, and width of the mapping network. StyleGAN2: 512."""
    channels: PositiveInt = 32
    """Channels at full resolution; each halving doubles them, up to 8 times. StyleGAN2: 512 at 32×32."""
    mapping_layers: PositiveInt = 2
    """Layers of the mapping network, from z to w. StyleGAN2: 8; ADA, for small images: 2."""
    style_mixing: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of training images that switch to the w of a second z at a random layer. StyleGAN2: 0.9; ADA, for 32×32:
    0."""
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


class _Linear(nn.Module):
    """A linear layer with equalised learning rate: weights of variance 1, scaled at use.

    gain: the scale; None: 1 / √inputs. bias: its initial value; None: no bias. rate: relative learning rate.
    """

    def __init__(
        self, inputs: int, outputs: int, *, bias: float | None = 0.0, rate: float = 1.0, gain: float | None = None
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = None if bias is None else nn.Parameter(torch.full((outputs,), bias))
        self.gain, self.rate = rate * (gain or inputs**-0.5), rate

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight * self.gain, None if self.bias is None else self.bias * self.rate)


def _equalised(layer: nn.Module) -> nn.Module:
    """Replace a layer of the head by an equalised one; an embedding (no bias) gets rows of length about 1."""
    assert isinstance(layer, nn.Linear)
    inputs, outputs = layer.in_features, layer.out_features
    return (
        _Linear(inputs, outputs) if layer.bias is not None else _Linear(inputs, outputs, bias=None, gain=outputs**-0.5)
    )


class _Conv(nn.Module):
    """A convolution with equalised learning rate that keeps the size, or halves it after a low-pass filter.

    scale: factor for the output.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, bias: bool = True, halve: bool = False, scale: float = 1.0
    ) -> None:
        super().__init__()
        self.halves, self.scale = halve, scale
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.gain = 1 / sqrt(inputs * kernel**2)

    def forward(self, x: Tensor) -> Tensor:
        weight, padding = self.weight * (self.gain * self.scale), self.weight.shape[-1] // 2
        bias = None if self.bias is None else self.bias * self.scale
        if self.halves:
            return conv2d(low_pass(x, padding=padding + 1), weight, bias, stride=2)
        return conv2d(x, weight, bias, padding=padding)


class _Mapping(nn.Module):
    """z (N, z_dim), condition (N, K) → w (N, z_dim)."""

    def __init__(self, network: StyleGan2, classes: int) -> None:
        super().__init__()
        joined = network.generator_conditioning == "embedding"
        self.embedding = _Linear(classes, network.z_dim) if joined else None
        sizes = [network.z_dim * (1 + joined), *[network.z_dim] * network.mapping_layers]
        self.layers = nn.ModuleList(_Linear(inputs, outputs, rate=0.01) for inputs, outputs in pairwise(sizes))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        x = _normalise(z)
        if self.embedding is not None:
            strength = condition.sum(1, keepdim=True)  # normalising would remove it
            x = torch.cat([x, strength * _normalise(self.embedding(condition))], dim=1)
        for layer in self.layers:
            x = _scaled_leaky_relu(layer(x))
        return x

    def centres(self, classes: int, like: Tensor) -> Tensor:
        """Return the mean of w without a class and for each class, (1 + K, z_dim), on the device of `like`."""
        z = torch.randn(CENTRE_SAMPLES, like.shape[1], generator=torch.Generator().manual_seed(0)).to(like)
        rows = torch.eye(1 + classes)[:, 1:].to(like)
        return torch.stack([self(z, row.expand(len(z), -1)).mean(0) for row in rows])


class _Modulated(nn.Module):
    """A convolution whose input channels are scaled by w (modulated) and whose outputs are rescaled to variance 1.

    Scales features where the paper scales weights, which is equivalent: a convolution with weights per image took 1.5
    (32×32, 32 channels) to 16 times (8×8, 128 channels) as long on one core.

    double: double the size, by a transposed convolution and the low-pass filter.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, w_dim: int, *, double: bool = False) -> None:
        super().__init__()
        self.style = _Linear(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.gain, self.doubles = 1 / sqrt(inputs * kernel**2), double

    def forward(self, x: Tensor, w: Tensor, bias: Tensor, scale: float = 1.0) -> Tensor:
        """Return the rescaled output times `scale`, plus bias (outputs, 1, 1)."""
        style, weight = self.style(w), self.weight * self.gain
        x = x * style[..., None, None]
        if self.doubles:
            x = low_pass(conv_transpose2d(x, 4 * weight.transpose(0, 1), stride=2), padding=1)
        else:
            x = conv2d(x, weight, padding=self.weight.shape[-1] // 2)
        lengths = linear(style.square(), weight.square().sum((2, 3)))
        back = scale * (lengths + 1e-8).rsqrt()[..., None, None]
        return torch.addcmul(bias.to(x), x, back.to(x))


class _StyledConv(nn.Module):
    """A modulated convolution, noise, bias, LeakyReLU. In eval mode the noise is fixed."""

    fixed_noise: Tensor

    def __init__(self, inputs: int, outputs: int, w_dim: int, size: tuple[int, int], *, double: bool = False) -> None:
        super().__init__()
        self.conv = _Modulated(inputs, outputs, 3, w_dim, double=double)
        self.register_buffer("fixed_noise", torch.randn(1, 1, *size))
        self.strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        x = self.conv(x, w, GAIN * self.bias, GAIN)
        noise = self.fixed_noise
        if self.training:
            noise = per_image(torch.randn, len(x), 1, *x.shape[2:], dtype=x.dtype, device=x.device)
        # in place: allocating large tensors costs most
        return _leaky_relu_(x.add_((GAIN * self.strength * noise).to(x)))


class _ToImage(nn.Module):
    """Features (N, F, H, W) → their contribution to the image: a 1×1 convolution, modulated but not demodulated.

    Weights are scaled per image: they are few, so that is faster here than scaling features.
    """

    def __init__(self, inputs: int, channels: int, w_dim: int) -> None:
        super().__init__()
        self.style = _Linear(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(channels, inputs))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.gain = inputs**-0.5

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        weight = self.weight * self.gain * self.style(w)[:, None]  # N, C, F
        pixels = x.permute(0, 2, 3, 1).flatten(1, 2)  # N, HW, F: a view, as features are channels last
        colours = pixels @ weight.transpose(1, 2) + self.bias
        return colours.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)


class _Generator(Generator):
    def __init__(self, network: StyleGan2, shape: Shape, classes: int) -> None:
        super().__init__(network.z_dim, classes)
        levels, *base = pyramid(shape)
        self.size, self.style_mixing, self.tanh = (shape.height, shape.width), network.style_mixing, network.tanh
        self.mapping = _Mapping(network, classes)
        self.start = nn.Parameter(torch.randn(network.width(levels), *base))
        self.convs, self.images = nn.ModuleList(), nn.ModuleList()
        for level in range(levels, -1, -1):
            inputs, width = network.width(min(level + 1, levels)), network.width(level)
            size = base[0] * 2 ** (levels - level), base[1] * 2 ** (levels - level)
            if level < levels:
                self.convs.append(_StyledConv(inputs, width, network.z_dim, size, double=True))
            self.convs.append(_StyledConv(width, width, network.z_dim, size))
            self.images.append(_ToImage(width, shape.channels, network.z_dim))

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        styles = self._styles(z, condition)
        x = self.convs[0](self.start.expand(len(z), -1, -1, -1), styles[0])
        image = self.images[0](x, styles[1])
        for level, to_image in enumerate(self.images[1:]):
            first = 2 * level + 1
            x = self.convs[first](x, styles[first])
            x = self.convs[first + 1](x, styles[first + 1])
            image = upsample(image) + to_image(x, styles[first + 2])
        image = image[..., : self.size[0], : self.size[1]]
        return image.tanh() if self.tanh else image

    def _styles(self, z: Tensor, condition: Tensor) -> list[Tensor]:
        """Return w (N, w_dim) for each convolution, and one more for the last `_ToImage`."""
        w = self.mapping(z, condition)
        layers = len(self.convs) + 1
        if self.truncation != 1:
            parts = torch.cat([1 - condition.sum(1, keepdim=True), condition], dim=1)
            centre = parts @ self.mapping.centres(self.classes, z)
            w = centre + self.truncation * (w - centre)
        if not (self.training and self.style_mixing):
            return [w] * layers
        other = self.mapping(per_image(torch.randn, *z.shape, dtype=z.dtype, device=z.device), condition)
        crossing = per_image(lambda *size: torch.randint(1, layers, size, device=z.device), len(z), 1)
        mixed = per_image(torch.rand, len(z), 1, device=z.device) < self.style_mixing
        return [torch.where(mixed & (crossing <= layer), other, w) for layer in range(layers)]


class _DownBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        scale = 1 / sqrt(2)  # the sum of residual and shortcut then has their variance
        self.conv1 = _Conv(inputs, inputs, 3, scale=GAIN)
        self.conv2 = _Conv(inputs, outputs, 3, halve=True, scale=GAIN * scale)
        self.skip = _Conv(inputs, outputs, 1, bias=False, scale=scale)

    def forward(self, x: Tensor) -> Tensor:
        h = _leaky_relu_(self.conv2(_leaky_relu_(self.conv1(x))))
        return h + self.skip(downsample(x))


class _Discriminator(nn.Module):
    def __init__(self, network: StyleGan2, shape: Shape, classes: int) -> None:
        super().__init__()
        levels = pyramid(shape).levels
        width = network.width(levels)
        self.image = _Conv(shape.channels, network.width(0), 1, scale=GAIN)
        self.blocks = nn.Sequential(
            *(_DownBlock(network.width(level), network.width(level + 1)) for level in range(levels))
        )
        self.conv = _Conv(width + 1, width, 3, scale=GAIN)
        self.dense = _Linear(width * (shape.height >> levels) * (shape.width >> levels), width)
        self.head = head(network.discriminator_conditioning, width, classes, _equalised)

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        x = self.blocks(_leaky_relu_(self.image(images)))
        x = torch.cat([x, minibatch_deviation(x)], dim=1)
        x = _leaky_relu_(self.conv(x))
        return self.head(_scaled_leaky_relu(self.dense(x.flatten(1))), condition)


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


def _scaled_leaky_relu(x: Tensor) -> Tensor:
    return leaky_relu(x, 0.2) * GAIN


def _leaky_relu_(x: Tensor) -> Tensor:
    """Apply LeakyReLU in place, without gain: for features that already contain GAIN, which passes through."""
    return leaky_relu(x, 0.2, inplace=True)


def _normalise(x: Tensor) -> Tensor:
    """Scale each row to mean square 1."""
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()
