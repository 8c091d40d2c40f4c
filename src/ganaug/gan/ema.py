"""Exponential moving averages of a network's weights: the averaged generator makes better images."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Literal

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

RAMP_UP = 0.05
"""The half-life is at most this share of the images seen so far: early weights are soon forgotten (StyleGAN2)."""

POWER_ITERATIONS = 50
"""Power iterations of `refresh_spectral_norm`; spectral norm does one per training step."""


def decay(images_seen: int, batch_size: int, half_life: int) -> float:
    """Return the weight of the old average, in [0, 1), in the update after `images_seen` images.

    half_life: images after which a weight's share of the average has halved.
    """
    effective = min(half_life, max(images_seen * RAMP_UP, 1e-8))
    return float(0.5 ** (batch_size / effective))


class EMA(Callback):
    """Keeps an exponential moving average of one of a GAN's networks, including batch norm's statistics.

    Several devices hold equal weights, so each computes the same average.
    """

    def __init__(
        self, gan: LightningModule, name: Literal["generator", "discriminator"], batch_size: int, half_life: int
    ) -> None:
        """Start from a copy of the network `name` of `gan`. batch_size and half_life count images."""
        self.name, self.batch_size, self.half_life = name, batch_size, half_life
        self.network: nn.Module = deepcopy(getattr(gan, name))
        """The averaged network."""

    @property
    def state_key(self) -> str:
        """Key of this network's average in a checkpoint."""
        return f"EMA of the {self.name}"

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Move the average to the network's device."""
        self.network.to(pl_module.device)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Update the average with the new weights; those of the first step replace the initial weights."""
        rate = decay((batch_idx + 1) * self.batch_size, self.batch_size, self.half_life) if batch_idx else 0.0
        average(self.network, getattr(pl_module, self.name), rate)

    def state_dict(self) -> dict[str, Any]:
        """Return the average, for the checkpoint."""
        return self.network.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the average from a checkpoint."""
        self.network.load_state_dict(state_dict)


@torch.no_grad()
def average(averaged: nn.Module, network: nn.Module, rate: float) -> None:
    """Move `averaged` towards `network`, which has the same parameters and buffers: old · rate + new · (1 − rate).

    Counts are copied. PyTorch's AveragedModel asks the device twice whether this is the first update, which stalls a
    GPU.
    """
    old, new = ([*module.parameters(), *module.buffers()] for module in (averaged, network))
    pairs = list(zip(old, new, strict=True))
    numbers = [pair for pair in pairs if pair[0].is_floating_point()]
    torch._foreach_lerp_([a for a, _ in numbers], [b for _, b in numbers], 1 - rate)
    for count, latest in pairs:
        if not count.is_floating_point():
            count.copy_(latest)


@torch.no_grad()
def refresh_spectral_norm(network: nn.Module) -> nn.Module:
    """Return `network` with spectral norms that divide by the largest singular values of its weights.

    Spectral norm stores two vectors per weight matrix and refines them by one power iteration per training step. Moving
    averages of these vectors do not match the averaged weights: after 400 steps they had half the required length, and
    the discriminator's realness was some 500 times too large.
    """
    training = network.training
    network.train()  # each access to a weight then does one power iteration
    for module in network.modules():
        if is_parametrized(module, "weight"):
            for _ in range(POWER_ITERATIONS):
                module.get_submodule("parametrizations.weight")()
    return network.train(training)
