"""A history of fake images, which keeps a discriminator from forgetting what the generator used to make."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ganaug.data.images import to_float, to_uint8
from ganaug.gan.networks import Shape


class FakeHistory(nn.Module):
    """Replaces half of the discriminator's fake images by older ones of the same class (Shrivastava et al., 2017).

    While the history of a class fills up, its images pass through. All state is in buffers, so checkpoints include it;
    they hold whole numbers, so several devices, each of which has a history of its own, do not average them.
    """

    images: Tensor
    filled: Tensor

    def __init__(self, size: int, shape: Shape, classes: int) -> None:
        """size: images kept per class."""
        super().__init__()
        self.size = size
        self.register_buffer("images", torch.zeros(classes * size, *shape, dtype=torch.uint8))
        self.register_buffer("filled", torch.zeros(classes, dtype=torch.int64))

    @torch.no_grad()
    def forward(self, fakes: Tensor, labels: Tensor, uniform: Callable[..., Tensor]) -> Tensor:
        """Return what the discriminator sees instead of `fakes` (N, C, H, W) with `labels` (N,), and remember them.

        uniform: draws (N,) random numbers in [0, 1).
        """
        same = labels[:, None] == labels
        place = self.filled[labels] + same.tril(-1).sum(1)  # of each image among all of its class so far
        fills = place < self.size
        # images of one class take consecutive places from a random one on, so that no two take the same
        first = (uniform(len(labels)) * self.size).long()[same.int().argmax(1)]
        drawn = (first + same.tril(-1).sum(1)) % self.size
        slots = labels * self.size + torch.where(fills, place, drawn)
        swaps = ~fills & (uniform(len(labels)) < 0.5)
        old = to_float(self.images[slots])
        chosen = (fills | swaps).view(-1, 1, 1, 1)
        self.images[slots] = torch.where(chosen, to_uint8(fakes), self.images[slots])
        self.filled += (labels == torch.arange(len(self.filled), device=labels.device)[:, None]).sum(1)
        self.filled.clamp_(max=self.size)
        return torch.where(swaps.view(-1, 1, 1, 1), old, fakes)
