"""Modulated convolutions: StyleGAN2's generator layers, scaled by a style w (Karras et al., 2020, section 2.2).

They can run at reduced width, with only the first channels (Lin et al., Anycost GANs, 2021, section 3.2). A width is a
share of the channels, in (0, 1]: either one number for all images, and only these channels are computed; or (N, 1), one
number per image, and the image's other channels get the style 0. Both give the same images.
"""

from math import ceil, sqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d, linear

from ganaug.gan.draws import per_image
from ganaug.gan.equalised import GAIN, EqualisedLinear, leaky_relu_
from ganaug.gan.filters import low_pass

Width = float | Tensor
"""A share of the channels: one for all images, or (N, 1), one per image."""
ROUNDING = 1e-3
"""Channels by which a share may exceed a whole number, so that 0.3 of 10 channels are 3 in any precision."""


def kept(channels: int, width: float) -> int:
    """Return how many of `channels` are used at `width`, rounded up."""
    return ceil(channels * width - ROUNDING)


def _mask(channels: int, widths: Tensor) -> Tensor:
    """Return (N, channels): 1 for the channels used at `widths` (N, 1), 0 for others."""
    places = torch.arange(channels, device=widths.device)
    return (places < channels * widths - ROUNDING).to(widths)


class ModulatedConv(nn.Module):
    """A convolution whose input channels are scaled by w (modulated) and whose outputs are rescaled to variance 1.

    Scales features where the paper scales weights, which is equivalent: a convolution with weights per image took 1.5
    (32×32, 32 channels) to 16 times (8×8, 128 channels) as long on one core.

    double: double height and width, by a transposed convolution and the low-pass filter.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, w_dim: int, *, double: bool = False) -> None:
        super().__init__()
        self.style = EqualisedLinear(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.gain, self.doubles = 1 / sqrt(inputs * kernel**2), double

    def forward(self, x: Tensor, w: Tensor, bias: Tensor, scale: float = 1.0, width: Width = 1.0) -> Tensor:
        """Return the rescaled output times `scale`, plus bias (outputs, 1, 1)."""
        style: Tensor = self.style(w)
        weight: Tensor = self.weight
        if isinstance(width, Tensor):
            style = style * _mask(style.shape[1], width)
        elif width < 1:
            outputs, inputs = kept(len(weight), width), x.shape[1]
            style, weight, bias = style[:, :inputs], weight[:outputs, :inputs], bias[:outputs]
        weight = weight * self.gain
        x = x * style[..., None, None]
        if self.doubles:
            x = low_pass(conv_transpose2d(x, 4 * weight.transpose(0, 1), stride=2), padding=1)
        else:
            x = conv2d(x, weight, padding=self.weight.shape[-1] // 2)
        lengths = linear(style.square(), weight.square().sum((2, 3)))
        back = scale * (lengths + 1e-8).rsqrt()[..., None, None]
        return torch.addcmul(bias.to(x), x, back.to(x))


class StyledConv(nn.Module):
    """A modulated convolution, noise, bias and LeakyReLU. In evaluation mode, the noise is fixed."""

    fixed_noise: Tensor

    def __init__(self, inputs: int, outputs: int, w_dim: int, size: tuple[int, int], *, double: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, w_dim, double=double)
        self.register_buffer("fixed_noise", torch.randn(1, 1, *size))
        self.strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x: Tensor, w: Tensor, width: Width = 1.0, *, fixed: bool = False) -> Tensor:
        """Return features. fixed: use fixed noise in training, too."""
        x = self.conv(x, w, GAIN * self.bias, GAIN, width)
        noise = self.fixed_noise
        if self.training and not fixed:
            noise = per_image(torch.randn, len(x), 1, *x.shape[2:], dtype=x.dtype, device=x.device)
        # in place, because allocating large tensors costs most
        return leaky_relu_(x.add_((GAIN * self.strength * noise).to(x)))


class ToImage(nn.Module):
    """Features (N, F, H, W) → their contribution to the image: a 1×1 convolution, modulated but not demodulated.

    Weights are scaled per image: they are few, so this is faster than scaling features.
    """

    def __init__(self, inputs: int, channels: int, w_dim: int) -> None:
        super().__init__()
        self.style = EqualisedLinear(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(channels, inputs))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.gain = inputs**-0.5

    def forward(self, x: Tensor, w: Tensor, width: Width = 1.0) -> Tensor:
        style: Tensor = self.style(w)
        weight: Tensor = self.weight
        if isinstance(width, Tensor):
            style = style * _mask(style.shape[1], width)
        elif width < 1:
            style, weight = style[:, : x.shape[1]], weight[:, : x.shape[1]]
        weight = weight * self.gain * style[:, None]  # N, C, F
        pixels = x.permute(0, 2, 3, 1).flatten(1, 2)  # N, HW, F: a view, as features are channels last
        colours = pixels @ weight.transpose(1, 2) + self.bias
        return torch.unflatten(colours, 1, x.shape[2:]).permute(0, 3, 1, 2)
