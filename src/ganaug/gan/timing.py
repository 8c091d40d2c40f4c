"""Times a step of GAN training, and an examination between steps, on this machine."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from pytorch_lightning import Callback, LightningModule, Trainer

from ganaug.classifier.features import FeatureExtractor
from ganaug.data.images import LabelledImages
from ganaug.gan.callbacks import History
from ganaug.gan.ema import EMA
from ganaug.gan.examination import Examination
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.sampling import RealImages
from ganaug.gan.settings import TrainGan

WARM_UP, TIMED = 1, 4
"""Number of steps before timing starts, and of timed steps."""

LONG_ENOUGH = 3.0
"""Timing ends early after steps of this many seconds in total: long steps vary less."""


def seconds_per_step(settings: TrainGan, train: LabelledImages) -> float:
    """Return the median seconds of up to TIMED steps on `train`, without the examinations between steps."""
    chosen = settings.with_precision("32-true")
    short = replace(chosen, steps=WARM_UP + TIMED, unlabelled="ignore")
    clock = _Clock()
    with torch.random.fork_rng():
        gan = LitGAN(short, train, 0)
        averages = [EMA(gan, role, short.batch_size, short.ema_half_life) for role in ("generator", "discriminator")]
        fit(gan, [*averages, clock], short, None)
    return float(np.median(np.diff(clock.moments[WARM_UP - 1 :])))


def seconds_per_examination(
    settings: TrainGan, train: LabelledImages, val: LabelledImages, extractor: FeatureExtractor
) -> float:
    """Return the seconds of one examination, with the classifiers of `extractor`, which need not be trained."""
    short = replace(settings.with_precision("32-true"), steps=1, unlabelled="ignore")
    with torch.random.fork_rng():
        gan = LitGAN(short, train, 0)
        examination = _TimedExamination(
            gan.generator, History(1, short.batch_size), extractor, RealImages(train), val, []
        )
        fit(gan, [examination], short, None)
    return examination.seconds


class _TimedExamination(Examination):
    """Examines once, before the first step."""

    seconds = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        started = time.perf_counter()
        super().on_train_start(trainer, pl_module)
        self.seconds = time.perf_counter() - started


class _Clock(Callback):
    """Records when each step ended, and stops training once enough steps are timed."""

    def __init__(self) -> None:
        self.moments: list[float] = []

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        self.moments.append(time.perf_counter())
        if len(self.moments) > WARM_UP:
            trainer.should_stop = self.moments[-1] - self.moments[WARM_UP - 1] >= LONG_ENOUGH
