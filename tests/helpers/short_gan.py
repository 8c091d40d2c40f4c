"""GAN runs of a few steps: their settings, their result files, and a kill in the middle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from quick_ensemble import quick_evaluators
from row_logger import RowLogger

from ganaug.gan.settings import TrainGan
from ganaug.gan.training import GanRun, GanSets, train_gan

STEPS = 7


class KilledError(Exception):
    """Stands for anything that kills a run."""


def short_settings(**changes: Any) -> TrainGan:
    """Return settings of a run with a row per step and checkpoints after steps 3 and 6."""
    plain: dict[str, Any] = {
        "network": {"name": "resnet", "z_dim": 3, "channels": 2},
        "objective": {"name": "hinge"},
        "steps": STEPS,
        "batch_size": 4,
        "log_every": 1,
        "checkpoint_every": 3,
    }
    return TrainGan(**plain | changes)


def train_in(
    folder: Path, chosen: TrainGan, sets: GanSets, seed: int, listener: Callable[[dict[str, float]], None]
) -> dict[str, bytes]:
    """Train in `folder`, pass every row to `listener`, and return the content of each result file."""
    run = GanRun("gan", folder / "work", [RowLogger(listener)])
    train_gan(chosen, sets, quick_evaluators(sets), seed, run, folder / "out")
    return {str(file.relative_to(folder / "out")): file.read_bytes() for file in (folder / "out").rglob("*.*")}
