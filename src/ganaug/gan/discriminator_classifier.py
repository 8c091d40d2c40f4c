"""A discriminator with a class head, as a classifier of images."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from ganaug.core.device import device
from ganaug.gan.store import load_discriminator


class DiscriminatorClassifier(nn.Module):
    """Images (N, C, H, W) in [-1, 1] → logits (N, K), from the class head of a discriminator."""

    def __init__(self, discriminator: nn.Module, classes: int) -> None:
        super().__init__()
        self.discriminator, self.classes = discriminator, classes

    def forward(self, images: Tensor) -> Tensor:
        """Return the class logits (N, K); the condition is "no class"."""
        return self.discriminator(images, images.new_zeros(len(images), self.classes)).class_logits


def load_discriminator_classifier(folder: Path) -> DiscriminatorClassifier:
    """Return the discriminator of the GAN in `folder` as a classifier for `predict`, on the GPU if there is one.

    Raises InputError if the folder does not contain a GAN.
    """
    discriminator, classes = load_discriminator(folder)
    return DiscriminatorClassifier(discriminator, len(classes)).to(device())
