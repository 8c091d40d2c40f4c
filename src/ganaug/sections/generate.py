"""Section `generate` of params.yaml."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from ganaug.config import settings


@settings
class Generate:
    """How many synthetic images there are to be."""

    per_class: PositiveInt
    """Synthetic images of each class."""
    truncation: PositiveFloat = 1.0
    """How far latents lie from their centre: 1 as trained, below 1 safer and more alike images, above 1 more varied
    ones. Of z, or of w where the network has one. StyleGAN2's pictures: 0.5 to 0.7; GaFi, for training: above 1."""
