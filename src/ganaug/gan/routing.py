"""Separate networks per class: each image passes through the layers of its class, in one call per batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from ganaug.gan.convolution import Geometry, conv2d


def routed(condition: Tensor, networks: int) -> Tensor:
    """Return each network's share in each image, (N, networks); an image's shares sum to 1.

    condition: (N, K). An image passes through the network of its class or, without a class, through the mean of all
    networks, as transitional training needs. networks: K, or 1 if all classes share one network.
    """
    if networks == 1:
        return torch.ones_like(condition[:, :1])
    return condition + (1 - condition.sum(1, keepdim=True)) / networks


class RoutedConv2d(nn.Module):
    """One convolution per network, mixed for each image by its shares; padded by about half the kernel.

    Initial weights are from N(0, 0.02²), as in DCGAN and CycleGAN.

    reflect: pad by reflection instead of with zeros.
    """

    def __init__(
        self, networks: int, inputs: int, outputs: int, kernel: int, *, stride: int = 1, reflect: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(networks * outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(networks, outputs))
        self.stride, self.padding, self.reflect = stride, (kernel - 1) // 2, reflect

    def forward(self, x: Tensor, shares: Tensor) -> Tensor:
        """(N, C, H, W) → (N, O, H', W'). shares: (N, networks), from `routed`."""
        if len(x) == 1:  # a single group is rounded differently, and an image must not depend on its batch
            return self(x.expand(2, -1, -1, -1), shares.expand(2, -1))[:1]
        networks, outputs = self.bias.shape
        weight = shares @ self.weight.reshape(networks, -1)
        weight = weight.view(-1, *self.weight.shape[1:])  # the images' kernels, one after another
        padding = self.padding
        if self.reflect:
            x, padding = pad(x, 4 * [padding], mode="reflect"), 0
        count, channels, height, width = x.shape
        geometry = Geometry((self.stride, self.stride), (padding, padding), (1, 1), count)
        out = conv2d(x.reshape(1, count * channels, height, width), weight, geometry)
        return out.view(count, outputs, *out.shape[2:]) + (shares @ self.bias)[..., None, None].to(out)
