"""Adaptive discriminator augmentation: Karras et al., Training GANs with Limited Data, 2020, section 3."""

from __future__ import annotations

import torch
from torch import Tensor, nn

BATCHES_PER_UPDATE = 4
"""Batches of real images between two changes of the probability."""


class AdaptiveProbability(nn.Module):
    """The probability of augmenting an image: it rises while the discriminator is too confident about real images.

    Starts at 0. `LitGAN.critic` passes it to `diffaugment`, for real and fake images alike, and
    `LitGAN.discriminator_terms` calls `update`. All state is in buffers, so checkpoints include it. Which
    batches change it depends on their number alone, so the host need not wait for the device.
    """

    probability: Tensor
    signs: Tensor

    def __init__(self, target: float, images: int) -> None:
        """Steer the mean sign of realness towards `target`, in (0, 1).

        images: the probability needs at least this many images to rise from 0 to 1.
        """
        super().__init__()
        self.target, self.images = target, images
        for name in ("probability", "signs"):
            self.register_buffer(name, torch.zeros(()))

    @torch.no_grad()
    def update(self, realness: Tensor, batch: int) -> None:
        """Record the realness, (N,) or (N, P), of N real images; every fourth batch changes the probability.

        batch: its number, counted from 0.
        """
        self.signs += realness.sign().mean()
        if (batch + 1) % BATCHES_PER_UPDATE == 0:
            seen = BATCHES_PER_UPDATE * len(realness)
            change = (self.signs / BATCHES_PER_UPDATE - self.target).sign() * (seen / self.images)
            self.probability.copy_((self.probability + change).clamp(0, 1))
            self.signs.zero_()
