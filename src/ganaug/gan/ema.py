"""Exponential moving averages of a network's weights: the averaged generator makes better images."""

from __future__ import annotations

from typing import Any, Literal

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import nn
from torch.nn.utils.parametrize import is_parametrized
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

RAMP_UP = 0.05
"""The half-life is at most this share of the images seen so far: the first noise is soon forgotten (StyleGAN2)."""

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
        self.averaged = AveragedModel(getattr(gan, name), use_buffers=True)

    @property
    def state_key(self) -> str:
        """Key of this network's average in a checkpoint."""
        return f"EMA of the {self.name}"

    @property
    def network(self) -> nn.Module:
        """The averaged network."""
        module: nn.Module = self.averaged.module
        return module

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Move the average to the network's device."""
        self.averaged.to(pl_module.device)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Update the average with the new weights."""
        rate = decay((batch_idx + 1) * self.batch_size, self.batch_size, self.half_life)
        self.averaged.multi_avg_fn = get_ema_multi_avg_fn(rate)  # type: ignore[no-untyped-call]
        self.averaged.update_parameters(getattr(pl_module, self.name))

    def state_dict(self) -> dict[str, Any]:
        """Return the average, for the checkpoint."""
        return self.averaged.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the average from a checkpoint."""
        self.averaged.load_state_dict(state_dict)


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
