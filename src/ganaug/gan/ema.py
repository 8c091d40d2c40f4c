"""The average of a network's weights over training: of the generator's, which makes the better images."""

from __future__ import annotations

from typing import Any, Literal

import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import nn
from torch.nn.utils.parametrize import is_parametrized
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

RAMP_UP = 0.05
"""Half-life at most this share of the images seen so far, so that the first noise is soon forgotten (StyleGAN2)."""

POWER_ITERATIONS = 50
"""How many `refresh_spectral_norm` does; spectral norm does one in each training step."""


def decay(images_seen: int, batch_size: int, half_life: int) -> float:
    """Return the weight that the old average keeps in one update after `images_seen` images.

    half_life: images after which a weight's part in the average has halved.
    """
    effective = min(half_life, max(images_seen * RAMP_UP, 1e-8))
    return float(0.5 ** (batch_size / effective))


class EMA(Callback):
    """Keeps an exponential moving average of one of a GAN's networks, batch norm's statistics included."""

    def __init__(
        self, gan: LightningModule, player: Literal["generator", "discriminator"], batch_size: int, half_life: int
    ) -> None:
        """Start from a copy of the `player` of `gan`. batch_size and half_life count images."""
        self.player, self.batch_size, self.half_life = player, batch_size, half_life
        self.averaged = AveragedModel(getattr(gan, player), use_buffers=True)

    @property
    def state_key(self) -> str:
        """Tell the average of one network from that of the other in a checkpoint."""
        return f"EMA of the {self.player}"

    @property
    def network(self) -> nn.Module:
        """The averaged network."""
        module: nn.Module = self.averaged.module
        return module

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Follow the network to its device."""
        self.averaged.to(pl_module.device)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Take the network's new weights into the average."""
        rate = decay((batch_idx + 1) * self.batch_size, self.batch_size, self.half_life)
        self.averaged.multi_avg_fn = get_ema_multi_avg_fn(rate)  # type: ignore[no-untyped-call]
        self.averaged.update_parameters(getattr(pl_module, self.player))

    def state_dict(self) -> dict[str, Any]:
        """Return the average, for the checkpoint."""
        return self.averaged.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the average of a checkpoint."""
        self.averaged.load_state_dict(state_dict)


@torch.no_grad()
def refresh_spectral_norm(network: nn.Module) -> nn.Module:
    """Return `network` with spectral norms that divide by the largest singular values of its weights.

    Spectral norm keeps two vectors of each weight and improves them a little in every step. Averages of them belong to
    no weight: after 400 steps they were half as long as they must be, and the discriminator's realness came out some
    500 times too large.
    """
    training = network.training
    network.train()  # each look at a weight then improves its vectors once
    for module in network.modules():
        if is_parametrized(module, "weight"):
            for _ in range(POWER_ITERATIONS):
                module.get_submodule("parametrizations.weight")()
    return network.train(training)
