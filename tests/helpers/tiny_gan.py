"""A GAN of seven steps."""

import torch

from ganaug.gan.module import LitGAN
from ganaug.gan.settings import TrainGan


def tiny_gan(images, **changes):
    """Return the GAN for eight of `images`. changes: changed settings."""
    plain = {"network": {"name": "mlp", "z_dim": 3, "hidden": 4}, "objective": {"name": "hinge"}, "batch_size": 4}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return LitGAN(TrainGan(**plain | {"steps": 7} | changes), images(8), 0)
