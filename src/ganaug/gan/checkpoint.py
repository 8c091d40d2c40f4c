"""The checkpoint that a killed GAN training resumes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import LightningModule, Trainer
from pytorch_lightning.callbacks import ModelCheckpoint

from ganaug.core.messages import note, warn


class Checkpoint(ModelCheckpoint):
    """Saves the whole state every few GAN steps in one file, which atomically replaces the previous one.

    Unlike ModelCheckpoint, it never saves weights that are not finite, and the file holds a digest of the configuration
    that it belongs to.
    """

    def __init__(self, folder: Path, every: int, discriminator_steps: int, configuration: str) -> None:
        """Write `folder`/last.ckpt every `every` GAN steps; `configuration` identifies runs that may resume from it."""
        super().__init__(
            dirpath=folder,
            filename="last",
            every_n_train_steps=every * (discriminator_steps + 1),  # Lightning counts every optimiser's updates
            enable_version_counter=False,
        )
        self.path, self.every, self.configuration = folder / "last.ckpt", every, configuration

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save if a checkpoint is due and all weights are finite."""
        due = (batch_idx + 1) % self.every == 0
        if due and all(weight.isfinite().all() for weight in pl_module.parameters()):
            super().on_train_batch_end(trainer, pl_module, outputs, batch, batch_idx)

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Add the configuration's digest to the checkpoint."""
        checkpoint["configuration"] = self.configuration

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: there is only ever one file, and it must not contain its own absolute path."""
        return {}

    def resumable(self) -> Path | None:
        """Return the checkpoint to resume from, or None; delete an unusable checkpoint, with a message."""
        if not self.path.exists():
            return None
        try:
            saved = torch.load(self.path, map_location="cpu", weights_only=True).get("configuration")
        except Exception as error:  # whatever is wrong with the file, the remedy is to start over
            warn(f"{self.path}: unreadable checkpoint discarded ({error}); training starts over")
        else:
            if saved == self.configuration:
                return self.path
            note(f"{self.path}: checkpoint of another configuration discarded; training starts over")
        self.path.unlink()
        return None
