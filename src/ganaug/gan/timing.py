"""How long a step of GAN training takes on this machine."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback

from ganaug.data.images import LabelledImages
from ganaug.gan.ema import EMA
from ganaug.gan.module import LitGAN
from ganaug.gan.settings import TrainGan
from ganaug.gan.training import fit

WARM_UP, TIMED = 1, 4
"""Steps before and while time is taken."""


def seconds_per_step(settings: TrainGan, train: LabelledImages) -> float:
    """Return the median seconds of a step on `train`, without the examinations between steps."""
    chosen = settings.with_precision("32-true")
    short = replace(chosen, steps=WARM_UP + TIMED, unlabelled="ignore")
    clock = _Clock()
    with torch.random.fork_rng():
        gan = LitGAN(short, train, 0)
        averages = [EMA(gan, role, short.batch_size, short.ema_half_life) for role in ("generator", "discriminator")]
        fit(gan, [*averages, clock], short, None)
    return float(np.median(np.diff(clock.moments[WARM_UP - 1 :])))


class _Clock(Callback):
    """Remembers when each step ended."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    def on_train_batch_end(self, *_: Any) -> None:
        self.moments.append(time.perf_counter())
