"""Callbacks of a GAN's training: history, image grids, progress."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from pytorch_lightning.callbacks import ProgressBar
from torch import Tensor, nn

from ganaug.core.messages import note
from ganaug.core.pictures import grid
from ganaug.core.progress import Progress
from ganaug.data.source_images import attributes_of_class
from ganaug.gan.health import DivergenceError
from ganaug.gan.networks import Generator
from ganaug.gan.sampling import RealImages, image_seeds, sample

NETWORKS = ("discriminator", "generator")

Row = dict[str, float]
"""One row of a history: `step`, `images` seen, the terms of both losses and other measurements, all finite."""


class History(Callback):
    """Collects a row every few steps, sends it to the trainer's loggers, and stops the run if a value is not finite.

    latest: the newest value of every column. Other callbacks may add their own measurements, the same on all devices.
    """

    def __init__(self, every: int, batch_size: int) -> None:
        """every: steps between two rows. There is always a row for the last step."""
        self.every, self.batch_size = every, batch_size
        self.rows: list[Row] = []
        self.latest: dict[str, Any] = {}  # a lazy penalty keeps its last value until it is computed again

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Add a row if one is due.

        Raises DivergenceError if a value is not finite, with one exception: if half precision skipped an update because
        its gradient overflowed, the row has the last finite gradient norm instead, or 0 if there is none.
        """
        step = batch_idx + 1
        self.latest |= outputs
        if step % self.every and step != trainer.num_training_batches:
            return
        gradients = {f"{name[0]}_gradient": _gradient_norm(getattr(pl_module, name)) for name in NETWORKS}
        measured = self.latest | gradients
        values = torch.stack([torch.as_tensor(value, device=pl_module.device) for value in measured.values()])
        values = trainer.strategy.reduce(values, reduce_op="mean")
        terms = dict(zip(measured, values.tolist(), strict=True))
        overflowed = {name for name in gradients if not math.isfinite(terms[name])}
        if overflowed and _skips_overflows(trainer):
            terms |= {name: float(self.latest.get(name, 0.0)) for name in overflowed}
        for name, value in terms.items():
            if not math.isfinite(value):
                raise DivergenceError(name, value, step)
        self.latest |= {name: terms[name] for name in gradients}
        row: Row = {"images": step * self.batch_size, **terms}
        self.rows.append({"step": step, **row})
        for logger in trainer.loggers:
            logger.log_metrics(row, step)

    def state_dict(self) -> dict[str, Any]:
        """Return the rows, for the checkpoint."""
        return {"rows": list(self.rows), "latest": {name: float(value) for name, value in self.latest.items()}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the rows from a checkpoint."""
        self.rows, self.latest = list(state_dict["rows"]), dict(state_dict["latest"])


def _skips_overflows(trainer: Trainer) -> bool:
    """Return whether a gradient scaler skips updates with a non-finite gradient and then lowers its scale.

    Such overflows are normal in half precision. If they persist until the scale reaches 0, the scale was not the cause.
    """
    scaler = getattr(trainer.precision_plugin, "scaler", None)
    return scaler is not None and scaler.get_scale() > 0


def _gradient_norm(network: nn.Module) -> Tensor:
    """Return the norm of the gradient of the network's last update."""
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    return torch.nn.utils.get_total_norm(gradients)


class Grids(Callback):
    """Draws a grid of images from the same noise after several steps, the first before any training."""

    def __init__(self, generator: Generator, folder: Path, steps: Sequence[int], real: RealImages) -> None:
        """Write `folder`/<step>.png after each of `steps`; 0 is before the first step. real: its training images."""
        self.generator, self.folder, self.steps = generator, folder, frozenset(steps)
        self.columns = 8
        self.labels = np.repeat(np.arange(min(len(real.train.classes), 10), dtype=np.int64), self.columns)
        self.seeds = image_seeds(0, len(self.labels))
        self.attributes = attributes_of_class(real.train, self.labels, 0)
        sources = real.examined_sources(generator, self.labels)
        self.sources = None if sources is None else sources.images

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw the first grid, unless the run resumes from a checkpoint."""
        if trainer.global_step == 0:
            self._draw(0, trainer, pl_module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Draw a grid if one is due."""
        if batch_idx + 1 in self.steps:
            self._draw(batch_idx + 1, trainer, pl_module)

    def _draw(self, step: int, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.is_global_zero:
            device, sources, attributes = pl_module.device, self.sources, self.attributes
            chunks = sample(self.generator, self.labels, self.seeds, device, sources=sources, attributes=attributes)
            self.folder.mkdir(parents=True, exist_ok=True)
            grid(np.concatenate(list(chunks)), self.columns).save(self.folder / f"{step:06d}.png")


class ConsoleProgress(ProgressBar):
    """Shows progress and the newest row of the history: a bar on a terminal, otherwise an occasional line."""

    def __init__(self, title: str, history: History) -> None:
        super().__init__()
        self.title, self.history, self.enabled = title, history, True
        self.progress: Progress | None = None

    def enable(self) -> None:
        self.enabled = True

    def disable(self) -> None:
        """Show nothing. Lightning calls this on all devices but the first."""
        self.enabled = False

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start at the first step, or at the checkpoint's."""
        if not self.enabled:
            return
        start = trainer.fit_loop.epoch_loop.batch_progress.current.ready
        if start:
            note(f"{self.title}: resuming from step {start}")
        self.progress = Progress(self.title, int(self.total_train_batches), start)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Advance by one step."""
        if self.progress is not None:
            row = self.history.rows[-1] if self.history.rows else {}
            shown = [name for name in row if name[:2] in ("d_", "g_", "p_") and not name.endswith("_gradient")]
            self.progress.step(batch_idx + 1, "  ".join(f"{name} {row[name]:.2f}" for name in shown))

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Close the bar, even after an error."""
        if self.progress is not None:
            self.progress.close()
            self.progress = None
