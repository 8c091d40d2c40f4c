"""Layers with equalised learning rate (Karras et al., Progressive Growing of GANs, 2018), and the LeakyReLU after them.

Weights have variance 1 and are scaled at use, so that Adam's steps have the same relative size for all weights.
"""

from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, leaky_relu, linear

from ganaug.gan.filters import low_pass

GAIN = sqrt(2)
"""Gain of LeakyReLU that preserves the mean square. Convolutions fold it into their weights, which saves a pass."""


class EqualisedLinear(nn.Module):
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


def equalised(layer: nn.Module) -> EqualisedLinear:
    """Replace a layer of the head with an equalised one; an embedding (no bias) gets rows of length about 1."""
    assert isinstance(layer, nn.Linear)
    inputs, outputs = layer.in_features, layer.out_features
    if layer.bias is None:
        return EqualisedLinear(inputs, outputs, bias=None, gain=outputs**-0.5)
    return EqualisedLinear(inputs, outputs)


class EqualisedConv(nn.Module):
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


def scaled_leaky_relu(x: Tensor) -> Tensor:
    """Apply LeakyReLU, and multiply by GAIN."""
    return leaky_relu(x, 0.2) * GAIN


def leaky_relu_(x: Tensor) -> Tensor:
    """Apply LeakyReLU in place, without gain: for features that already contain GAIN, which passes through."""
    return leaky_relu(x, 0.2, inplace=True)
