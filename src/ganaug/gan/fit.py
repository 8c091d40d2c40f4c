"""Runs a GAN's training steps with Lightning."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning import Callback, Trainer
from pytorch_lightning.callbacks import ModelCheckpoint, ProgressBar
from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities.exceptions import SIGTERMException

from ganaug.gan.batch_norm import GlobalBatchNorm
from ganaug.gan.module import LitGAN
from ganaug.gan.settings import TrainGan


class Steps:
    """A data loader for Lightning that only counts steps: batches derive from the step's number."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.count))

    def state_dict(self) -> dict[str, Any]:
        """Return nothing. Lightning resumes in the middle of an epoch only if this method exists."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Do nothing."""


def fit(
    gan: LitGAN,
    callbacks: Sequence[Callback],
    settings: TrainGan,
    resume: Path | None,
    loggers: Sequence[Logger] = (),
) -> None:
    """Run Lightning for all steps of `settings`, or for the remaining ones after the checkpoint `resume`."""
    precision = settings.trainer.precision
    if precision == "auto":
        raise ValueError("trainer.precision: is auto; replace it with TrainGan.with_precision first")
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)  # otherwise every stage would list the devices
    with warnings.catch_warnings():
        # they recommend data loader workers, a validation loop and a logging interval, none of which this run uses
        warnings.filterwarnings("ignore", module="pytorch_lightning")
        trainer = Trainer(
            accelerator=settings.trainer.accelerator,
            devices=settings.trainer.devices,
            strategy=settings.trainer.strategy,
            precision=precision,
            max_epochs=1,
            plugins=[GlobalBatchNorm()],
            deterministic="warn",
            callbacks=list(callbacks),
            logger=list(loggers),
            # without these, Lightning adds its own callback if there is none
            enable_checkpointing=any(isinstance(callback, ModelCheckpoint) for callback in callbacks),
            enable_progress_bar=any(isinstance(callback, ProgressBar) for callback in callbacks),
            enable_model_summary=False,  # it would print the same table for every replicate
        )
        try:
            with torch.random.fork_rng(), _unfilled_memory():
                trainer.fit(gan, Steps(settings.steps), ckpt_path=resume, weights_only=True)
        except SIGTERMException:  # Lightning would exit with status 0, as after a complete run
            sys.exit(128 + signal.SIGTERM)


@contextmanager
def _unfilled_memory() -> Iterator[None]:
    """Leave new memory uninitialised: deterministic algorithms would fill it with NaN, only to overwrite it."""
    switch: Any = torch.utils.deterministic  # mypy does not know the property of this module
    before, switch.fill_uninitialized_memory = switch.fill_uninitialized_memory, False
    try:
        yield
    finally:
        switch.fill_uninitialized_memory = before
