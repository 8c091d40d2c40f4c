"""Trains a tiny GAN on several CPU processes, which Lightning starts from this script.

python tests/helpers/gan_on_devices.py FOLDER DEVICES SETTINGS_AS_JSON [STEP_AFTER_WHICH_TO_FAIL]
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from quick_ensemble import quick_evaluators
from row_logger import RowLogger
from translating import painter

from ganaug.core.stage import leave
from ganaug.data.images import LabelledImages
from ganaug.gan.settings import TrainGan
from ganaug.gan.trainer_settings import TrainerSettings
from ganaug.gan.training import GanRun, GanSets, train_gan


def images(count: int, seed: int) -> LabelledImages:
    """Return dark and bright noise."""
    labels = np.arange(count, dtype=np.int64) % 2
    pixels = np.random.default_rng(seed).integers(0, 60, (count, 3, 8, 8), dtype=np.uint8)
    return LabelledImages(pixels + (150 * labels).astype(np.uint8)[:, None, None, None], labels, ("dark", "bright"))


def train(folder: Path, devices: int, changes: dict[str, Any], fail_after: int | None = None) -> None:
    strategy = "auto" if devices == 1 else "ddp_find_unused_parameters_true"
    with painter():
        _train(folder, devices, strategy, changes, fail_after)


def _train(folder: Path, devices: int, strategy: Any, changes: dict[str, Any], fail_after: int | None) -> None:
    settings = TrainGan(
        **changes,
        batch_size=8,
        log_every=1,
        snapshots=2,
        trainer=TrainerSettings(accelerator="cpu", devices=devices, strategy=strategy),
    )

    def listener(row: dict[str, float]) -> None:
        if row["step"] == fail_after:
            raise RuntimeError("killed")

    sets = GanSets(images(10, 0), images(10, 1), images(30, 2).without_labels())
    run = GanRun("gan", folder / "work", [RowLogger(listener)])
    train_gan(settings, sets, quick_evaluators(sets), 0, run, folder / "out")


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]), *map(int, sys.argv[4:]))
    leave(0)
