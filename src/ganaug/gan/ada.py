"""Adaptive discriminator augmentation: Karras et al., Training GANs with Limited Data, 2020, section 3."""

from __future__ import annotations

import torch
from torch import Tensor, nn

EVERY = 4
"""Batches between two changes of the probability."""


class AdaptiveProbability(nn.Module):
    """How often images are augmented: more while the discriminator is too sure of real images.

    Starts at 0. Its state is made of buffers, so that checkpoints hold it.
    """

    probability: Tensor
    signs: Tensor
    batches: Tensor

    def __init__(self, target: float, images: int) -> None:
        """Steer the mean sign of realness towards `target`; from 0 to 1 takes at least `images` images."""
        super().__init__()
        self.target, self.images = target, images
        for name in ("probability", "signs", "batches"):
            self.register_buffer(name, torch.zeros(()))

    @torch.no_grad()
    def update(self, realness: Tensor) -> None:
        """Take note of the realness (N,) of a batch of real images."""
        self.signs += realness.sign().mean()
        self.batches += 1
        if int(self.batches) == EVERY:
            change = (self.signs / EVERY - self.target).sign() * (EVERY * len(realness) / self.images)
            self.probability.copy_((self.probability + change).clamp(0, 1))
            self.signs.zero_()
            self.batches.zero_()
