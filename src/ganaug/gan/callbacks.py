"""What is written down while a GAN trains: history, image grids, progress, checkpoints."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer
from torch import Tensor, nn

from ganaug.core.pictures import grid
from ganaug.core.progress import Progress
from ganaug.gan.health import DivergenceError
from ganaug.gan.networks import Generator
from ganaug.gan.sampling import image_seeds, sample

NETWORKS = ("discriminator", "generator")

Row = dict[str, float]
"""One row of a history: `step`, `images` seen, and the terms of both objectives, all finite."""


class History(Callback):
    """Collects a row every few steps, stops the run when a term is not finite, tells listeners.

    latest: the newest value of everything that a row has. Other callbacks may add to it what they measure.
    """

    def __init__(self, every: int, batch_size: int, listener: Callable[[Row], None]) -> None:
        """Call `listener` with each new row."""
        self.every, self.batch_size, self.listener = every, batch_size, listener
        self.rows: list[Row] = []
        self.latest: dict[str, Any] = {}  # a penalty that is due now and then has its last value in between

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Add a row if it is time for one.

        Raises DivergenceError if a term is not finite. Of a gradient whose update was skipped because it overflowed in
        half precision, the row has the last finite length, 0 if there is none.
        """
        step = batch_idx + 1
        self.latest |= outputs
        if step % self.every and step != trainer.num_training_batches:
            return
        gradients = {f"{name[0]}_gradient": _gradient_norm(getattr(pl_module, name)) for name in NETWORKS}
        measured = self.latest | gradients
        values = torch.stack([torch.as_tensor(value, device=pl_module.device) for value in measured.values()])
        terms = dict(zip(measured, values.tolist(), strict=True))
        overflown = {name for name in gradients if not math.isfinite(terms[name])}
        if overflown and _skips_overflows(trainer):
            terms |= {name: float(self.latest.get(name, 0.0)) for name in overflown}
        for name, value in terms.items():
            if not math.isfinite(value):
                raise DivergenceError(name, value, step)
        self.latest |= {name: terms[name] for name in gradients}
        row: Row = {"step": step, "images": step * self.batch_size, **terms}
        self.rows.append(row)
        self.listener(row)

    def state_dict(self) -> dict[str, Any]:
        """Return the rows, for the checkpoint."""
        return {"rows": list(self.rows), "latest": {name: float(value) for name, value in self.latest.items()}}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from the rows of a checkpoint."""
        self.rows, self.latest = list(state_dict["rows"]), dict(state_dict["latest"])


def _skips_overflows(trainer: Trainer) -> bool:
    """Tell whether updates with a gradient that is not finite are skipped, and the next losses scaled down.

    That is daily business of half precision. Where the scale has come down to 0, scaling was not the reason.
    """
    scaler = getattr(trainer.precision_plugin, "scaler", None)
    return scaler is not None and scaler.get_scale() > 0


def _gradient_norm(network: nn.Module) -> Tensor:
    """Length of the gradient of the network's last update."""
    return torch.nn.utils.get_total_norm([one.grad for one in network.parameters() if one.grad is not None])


class Snapshots(Callback):
    """Draws the same noise at several moments with a generator, the first time before any training."""

    def __init__(self, generator: Generator, folder: Path, moments: Sequence[int]) -> None:
        """Write `folder`/<step>.png after each step in `moments`; 0 is the very first noise."""
        self.generator, self.folder, self.moments = generator, folder, frozenset(moments)
        self.columns = 8
        self.labels = np.repeat(np.arange(min(generator.classes, 10), dtype=np.int64), self.columns)
        self.seeds = image_seeds(0, len(self.labels))

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw the very first noise, unless the run goes on from a checkpoint."""
        if trainer.global_step == 0:
            self._draw(0, pl_module)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Draw if the moment has come."""
        if batch_idx + 1 in self.moments:
            self._draw(batch_idx + 1, pl_module)

    def _draw(self, step: int, pl_module: LightningModule) -> None:
        chunks = sample(self.generator, self.labels, self.seeds, pl_module.device)
        self.folder.mkdir(parents=True, exist_ok=True)
        grid(np.concatenate(list(chunks)), self.columns).save(self.folder / f"{step:06d}.png")


class Checkpoints(Callback):
    """Saves everything that is needed to go on, every few steps, over the checkpoint before.

    Lightning's own ModelCheckpoint counts the steps of both optimisers together; here a step is one of the GAN.
    """

    def __init__(self, path: Path, every: int, configuration: str) -> None:
        """Write to `path`; `configuration` identifies what may go on from it."""
        self.path, self.every, self.configuration = path, every, configuration

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save if it is time to and the networks are sound; Lightning replaces the file in one move."""
        if (batch_idx + 1) % self.every == 0 and all(weight.isfinite().all() for weight in pl_module.parameters()):
            trainer.save_checkpoint(self.path)

    def on_save_checkpoint(self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]) -> None:
        """Put the configuration's name into the checkpoint."""
        checkpoint["configuration"] = self.configuration

    def usable(self) -> Path | None:
        """Return the checkpoint to go on from; one of another configuration is discarded with a message."""
        if not self.path.exists():
            return None
        try:
            found = torch.load(self.path, map_location="cpu", weights_only=True).get("configuration")
        except Exception as error:  # whatever is wrong with the file, training anew mends it
            print(f"{self.path}: unreadable checkpoint discarded ({error}); training starts anew", flush=True)
        else:
            if found == self.configuration:
                return self.path
            print(f"{self.path}: checkpoint of another configuration discarded; training starts anew", flush=True)
        self.path.unlink()
        return None


class Narrator(Callback):
    """Shows the progress of training to whoever waits."""

    def __init__(self, title: str, history: History) -> None:
        """Show `title` and the newest row of `history`."""
        self.title, self.history = title, history

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin where the run begins."""
        start = trainer.fit_loop.epoch_loop.batch_progress.current.ready
        if start:
            print(f"{self.title}: going on from step {start}", flush=True)
        self.progress = Progress(self.title, int(trainer.num_training_batches), start)

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Tell what is done."""
        row = self.history.rows[-1] if self.history.rows else {}
        shown = [name for name in row if name[:2] in ("d_", "g_", "p_") and not name.endswith("_gradient")]
        note = "  ".join(f"{name} {row[name]:.2f}" for name in shown)
        self.progress.step(batch_idx + 1, note)

    def teardown(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Take the bar away, also after an error."""
        if hasattr(self, "progress"):
            self.progress.close()
