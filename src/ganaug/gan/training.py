"""One GAN from its settings to its generator: Lightning's trainer, resumed where a killed run stopped."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from pydantic import TypeAdapter
from pytorch_lightning import Trainer
from pytorch_lightning.utilities.exceptions import SIGTERMException

import ganaug
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.pseudo_labels import pseudo_labelled
from ganaug.core.errors import InputError, error_context
from ganaug.core.files import recreate_directory, write_json, write_rows
from ganaug.core.pictures import animation
from ganaug.core.weights import save_weights
from ganaug.data.images import LabelledImages, checksum
from ganaug.gan.callbacks import Checkpoints, History, Narrator, Row, Snapshots
from ganaug.gan.ema import EMA, refresh_spectral_norm
from ganaug.gan.examination import Examination
from ganaug.gan.health import DivergenceError, as_json, findings
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator, Shape
from ganaug.gan.sampling import save_generator
from ganaug.gan.settings import TrainGan


class Steps:
    """Lightning's data loader for a run whose batches derive from the step's number: it only counts."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Any:
        return iter(range(self.count))

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: there is nothing to save, and saying so lets Lightning resume within an epoch."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Load nothing."""


@dataclass(frozen=True)
class GanRun:
    """Where one GAN's training happens and who listens.

    title: what progress is called. work: folder for checkpoint and grids of an unfinished run. listener: gets each
    row of the history as it is made.
    """

    title: str
    work: Path
    listener: Callable[[Row], None]


class GanSets(NamedTuple):
    """The real images of one GAN. It learns from `train`, and from `unlabelled` if its settings say so.

    `val` measures and chooses, but never trains.
    """

    train: LabelledImages
    val: LabelledImages
    unlabelled: LabelledImages


class Evaluators(NamedTuple):
    """Classifiers that know the training images: they measure, choose the generator to keep, and give pseudo-labels."""

    extractor: FeatureExtractor
    opinions: np.ndarray
    """(U, K): class probabilities of the images of GanSets.unlabelled."""


def train_gan(settings: TrainGan, sets: GanSets, judges: Evaluators, seed: int, run: GanRun, output: Path) -> None:
    """Train, and write the result to `output`.

    That is generator, discriminator, training.json (settings, seed and version), history.csv, health.json, grids/*.png
    and progress.gif.

    Goes on from the checkpoint in `run.work` if there is one of this very configuration, and removes it at the end.
    The same settings, images, seed and machine give the same bytes on the CPU, resumed or not.

    Raises InputError if training diverges; the last checkpoint is kept, and health.json says what was seen.
    """
    more = _unlabelled(settings, sets, judges.opinions)
    with torch.random.fork_rng():  # weights are initialised from the global generator
        torch.manual_seed(seed)
        gan = LitGAN(settings, sets.train, seed, more)
    average = EMA(gan, "generator", settings.batch_size, settings.ema_half_life)
    generator = cast(Generator, average.network)
    judge = EMA(gan, "discriminator", settings.batch_size, settings.ema_half_life)
    history = History(settings.log_every, settings.batch_size, run.listener)
    moments = _moments(settings.steps, settings.examinations + 1)
    examination = Examination(generator, history, judges.extractor, (sets.train, sets.val), moments)
    grids = Snapshots(generator, run.work / "grids", _moments(settings.steps, settings.snapshots))
    configuration = _configuration(settings, sets, judges, seed)
    checkpoints = Checkpoints(run.work / "last.ckpt", settings.checkpoint_every, configuration)
    resume = checkpoints.usable()
    if resume is None:
        recreate_directory(run.work)
    callbacks = [average, judge, examination, history, grids, Narrator(run.title, history), checkpoints]
    try:
        fit(gan, callbacks, settings, resume)
    except DivergenceError as error:
        write_json(recreate_directory(output) / "health.json", as_json({}, {}, [error.finding], error.step))
        raise

    step, figures, per_class = settings.steps, examination.figures, examination.per_class
    if settings.keep == "best":  # what is said of the generator is said of the one that is used
        best = examination.best
        step, figures, per_class = best["step"], figures | best["figures"], best["per_class"]
        generator.load_state_dict(best["weights"])
    found = findings(figures, per_class, absolute=settings.objective.absolute)
    for finding in found:
        print(f"{run.title}: {finding.name}: {finding.seen}. Try: {finding.remedy}.", flush=True)
    shape = Shape(*sets.train.shape)
    save_generator(recreate_directory(output), generator, settings.network, shape, sets.train.classes)
    save_weights(output / "discriminator.safetensors", refresh_spectral_norm(judge.network))
    training = {"settings": _plain(settings), "seed": seed, "ganaug": ganaug.__version__}
    write_json(output / "training.json", training)
    write_rows(output / "history.csv", history.rows)
    write_json(output / "health.json", as_json(figures, per_class, found, step))
    shutil.copytree(grids.folder, output / "grids")
    animation(sorted((output / "grids").glob("*.png")), output / "progress.gif")
    shutil.rmtree(run.work)


def _unlabelled(settings: TrainGan, sets: GanSets, opinions: np.ndarray) -> LabelledImages | None:
    """Return the images beyond the labelled ones that the GAN is to learn from, None if it is to ignore them.

    Raises InputError if there are none.
    """
    if settings.unlabelled == "ignore":
        return None
    images = sets.unlabelled
    if settings.unlabelled == "pseudo_labels":
        with error_context("train_gan.unlabelled: "):
            images = pseudo_labelled(images, opinions, settings.confidence, "ensemble")
        print(f"{len(images)} of {len(sets.unlabelled)} unlabelled images get a pseudo-label", flush=True)
    if len(images) == 0:
        raise InputError("train_gan.unlabelled: there are no images without labels to learn from; write ignore")
    return images


def _moments(steps: int, count: int) -> list[int]:
    """Return `count` steps from 0 to the last, evenly."""
    moments: list[int] = np.linspace(0, steps, count).round().astype(int).tolist()
    return moments


def fit(gan: LitGAN, callbacks: list[Any], settings: TrainGan, resume: Path | None) -> None:
    """Run Lightning over all steps of `settings`, from the checkpoint `resume` on if there is one."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)  # which devices there are is in the summary
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pytorch_lightning")
        trainer = Trainer(
            accelerator="auto",
            devices=1,
            precision=settings.precision,
            max_epochs=1,
            deterministic="warn",
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        try:
            with torch.random.fork_rng():
                trainer.fit(gan, Steps(settings.steps), ckpt_path=resume, weights_only=True)
        except SIGTERMException:  # Lightning would end the process as if all were well
            sys.exit(128 + signal.SIGTERM)


def _plain(settings: TrainGan) -> dict[str, Any]:
    """Return the settings as JSON-able values; how often to save changes nothing in the outcome, and is left out."""
    plain: dict[str, Any] = TypeAdapter(TrainGan).dump_python(settings, mode="json")
    plain.pop("checkpoint_every")
    return plain


def _configuration(settings: TrainGan, sets: GanSets, judges: Evaluators, seed: int) -> str:
    """Name all that decides the outcome: two runs of one name are the same run."""
    facts = [
        _plain(settings),
        [checksum(images.images, images.labels) for images in sets],
        [judges.extractor.digest, checksum(judges.opinions)],
        sets.train.classes,
        seed,
        _code(),
        torch.__version__,
        version("pytorch-lightning"),
        torch.cuda.is_available(),
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _code() -> str:
    """Return a digest of this package: what other code has begun, this code cannot go on with."""
    digest = hashlib.sha256()
    for file in sorted(Path(ganaug.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
