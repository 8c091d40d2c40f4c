"""A history of fake images, which keeps a discriminator from forgetting earlier fakes."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ganaug.gan.networks import Shape


class FakeHistory(nn.Module):
    """Replaces half of the discriminator's fake images with older ones of the same class (Shrivastava et al., 2017).

    While the history of a class fills up, its images pass through. All state is in buffers, so checkpoints include it.
    """

    images: Tensor
    filled: Tensor

    def __init__(self, size: int, shape: Shape, classes: int) -> None:
        """size: images kept per class."""
        super().__init__()
        self.size = size
        # an extra place for images that are not kept: choosing which images to write would wait for the device
        self.register_buffer("images", torch.zeros(classes * size + 1, *shape))
        self.register_buffer("filled", torch.zeros(classes, dtype=torch.int64))

    @torch.no_grad()
    def forward(self, fakes: Tensor, labels: Tensor, uniform: Callable[[int], Tensor]) -> Tensor:
        """Return the images that the discriminator sees instead of `fakes` (N, C, H, W), and remember `fakes`.

        labels: (N,). With several devices, each must pass the images of all devices, so that all keep the same history.

        uniform: draws (N,) random numbers in [0, 1).
        """
        same = labels[:, None] == labels
        filled = self.filled[labels]
        place = filled + same.tril(-1).sum(1)  # number of each image within its class so far
        fills, excess = place < self.size, place - self.size
        # images of one class are swapped for consecutive ones, so that no two are swapped for the same image
        first = (uniform(len(labels)) * filled).long()[same.int().argmax(1)]
        swaps = ~fills & (uniform(len(labels)) < 0.5) & (excess < filled)
        old = labels * self.size + (first + excess) % filled.clamp(min=1)
        seen = torch.where(swaps.view(-1, 1, 1, 1), self.images[old], fakes)
        slots = torch.where(fills, labels * self.size + place, torch.where(swaps, old, len(self.images) - 1))
        self.images[slots] = fakes.float()
        self.filled += (labels == torch.arange(len(self.filled), device=labels.device)[:, None]).sum(1)
        self.filled.clamp_(max=self.size)
        return seen
