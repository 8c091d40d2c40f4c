"""Trains a GAN and writes its results; a killed run resumes from its last checkpoint."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from pydantic import TypeAdapter
from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

import ganaug
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.pseudo_labels import pseudo_labelled
from ganaug.classifier.store import pretrained_entry
from ganaug.core.errors import InputError, error_context
from ganaug.core.files import recreate_directory, write_json, write_rows
from ganaug.core.messages import note, warn
from ganaug.core.pictures import animation
from ganaug.core.weights import ModelSpec
from ganaug.data.images import LabelledImages, checksum
from ganaug.gan.callbacks import ConsoleProgress, Grids, History
from ganaug.gan.checkpoint import Checkpoint
from ganaug.gan.ema import EMA, refresh_spectral_norm
from ganaug.gan.examination import Examination, Measurements
from ganaug.gan.fit import fit
from ganaug.gan.health import DivergenceError, as_json, findings
from ganaug.gan.loggers import build_loggers
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator
from ganaug.gan.other_domain import as_further_classes
from ganaug.gan.sampling import RealImages
from ganaug.gan.settings import TrainGan
from ganaug.gan.store import save_discriminator, save_generator


@dataclass(frozen=True)
class GanRun:
    """What a training run needs besides settings and data.

    title: heading of progress messages. work: folder for the checkpoint and grids of an unfinished run. loggers:
    receive each row of the history. code: identifies the code that determines the result; a checkpoint of different
    code is discarded.
    """

    title: str
    work: Path
    loggers: Sequence[Logger] = ()
    code: str = ""


class GanSets(NamedTuple):
    """The real images for one GAN.

    The GAN is trained on `train` and, depending on its settings, on the other sets. `val` only measures and selects.
    """

    train: LabelledImages
    val: LabelledImages
    unlabelled: LabelledImages
    other_domain: LabelledImages | None = None
    """Images of another domain, with or without labels, if there are any."""


class Evaluators(NamedTuple):
    """Outputs of classifiers of the training images: features for evaluation, probabilities for pseudo-labels."""

    extractor: FeatureExtractor
    ensemble_probabilities: np.ndarray
    """(U, K): class probabilities of GanSets.unlabelled."""


class Callbacks(NamedTuple):
    """The callbacks of a run, in the order in which they act after each step."""

    generator: EMA
    discriminator: EMA
    examination: Examination
    history: History
    grids: Grids
    progress: ConsoleProgress
    checkpoint: Checkpoint


def train_gan(settings: TrainGan, sets: GanSets, evaluators: Evaluators, seed: int, run: GanRun, output: Path) -> None:
    """Train a GAN and write the results to `output`.

    The results are generator, discriminator, training.json (settings, seed and version), history.csv, health.json,
    grids/*.png and progress.gif.

    Resumes from the checkpoint in `run.work` if it has the same configuration, and deletes it at the end. The same
    settings, images, seed and machine give the same bytes on the CPU, whether or not the run was interrupted.

    Raises InputError if training diverges; the last checkpoint is kept, and health.json names the cause.
    """
    gan = _initialise(settings, sets, evaluators, seed)
    callbacks = _callbacks(gan, sets, evaluators, run, _configuration(settings, sets, evaluators, seed, run.code))
    resume = callbacks.checkpoint.resumable()
    if resume is None:
        rank_zero_only(recreate_directory)(run.work)
    try:
        fit(gan, callbacks, settings, resume, [*run.loggers, *build_loggers(settings.trainer.loggers)])
    except DivergenceError as error:
        _write_divergence(error, output)
        raise
    _write_results(gan, callbacks, output)
    _remove(run.work)


def _initialise(settings: TrainGan, sets: GanSets, evaluators: Evaluators, seed: int) -> LitGAN:
    extra = _extra_images(settings, sets, evaluators.ensemble_probabilities)
    with torch.random.fork_rng():  # weights are initialised from the global generator
        torch.manual_seed(seed)
        return LitGAN(settings, sets.train, seed, extra, _other_domain(settings, sets))


def _other_domain(settings: TrainGan, sets: GanSets) -> LabelledImages | None:
    """Return the images of another domain that the GAN is trained on, as further classes; None if there are none.

    Raises InputError if the settings require such images and there are none.
    """
    if not settings.other_domain_share:
        return None
    if sets.other_domain is None or len(sets.other_domain) == 0:
        raise InputError(
            "train_gan.other_domain_share: there are no images of another domain; set this to 0, or name their folder "
            "in prepare.other_domain"
        )
    return as_further_classes(sets.other_domain)


def _extra_images(settings: TrainGan, sets: GanSets, probabilities: np.ndarray) -> LabelledImages | None:
    """Return the images that the GAN is trained on besides the labelled ones; None if there are none.

    probabilities: the ensemble's, (U, K), for `sets.unlabelled`.

    Raises InputError if the settings require such images and there are none.
    """
    if settings.unlabelled == "ignore":
        return None
    images = sets.unlabelled
    if settings.unlabelled == "pseudo_labels":
        with error_context("train_gan.unlabelled: "):
            images = pseudo_labelled(images, probabilities, settings.pseudo_label_threshold, "ensemble")
        rank_zero_only(note)(f"{len(images)} of {len(sets.unlabelled)} unlabelled images get a pseudo-label")
    if len(images) == 0:
        raise InputError("train_gan.unlabelled: there are no unlabelled images to train on; set it to ignore")
    return images


def _callbacks(gan: LitGAN, sets: GanSets, evaluators: Evaluators, run: GanRun, configuration: str) -> Callbacks:
    settings = gan.settings
    generator = EMA(gan, "generator", settings.batch_size, settings.ema_half_life)
    averaged = cast(Generator, generator.network)
    history = History(settings.log_every, settings.batch_size)
    examined = _evenly_spaced(settings.steps, settings.examinations + 1)
    drawn = _evenly_spaced(settings.steps, settings.snapshots)
    real = RealImages(sets.train, sets.other_domain if gan.images.other_domain is not None else None)
    return Callbacks(
        generator,
        EMA(gan, "discriminator", settings.batch_size, settings.ema_half_life),
        Examination(averaged, history, evaluators.extractor, real, sets.val, examined),
        history,
        Grids(averaged, run.work / "grids", drawn, real),
        ConsoleProgress(run.title, history),
        Checkpoint(run.work, settings.checkpoint_every, settings.discriminator_steps, configuration),
    )


def _evenly_spaced(steps: int, count: int) -> list[int]:
    """Return `count` step numbers from 0 to `steps`, evenly spaced."""
    return np.linspace(0, steps, count).round().astype(int).tolist()


@rank_zero_only
def _write_divergence(error: DivergenceError, output: Path) -> None:
    write_json(recreate_directory(output) / "health.json", as_json({}, {}, [error.finding], error.step))


@rank_zero_only
def _write_results(gan: LitGAN, callbacks: Callbacks, output: Path) -> None:
    settings, train = gan.settings, gan.images.train
    generator = cast(Generator, callbacks.generator.network)
    measured = _measurements(callbacks.examination, settings)
    if settings.keep == "best":
        generator.load_state_dict(callbacks.examination.best_weights)
    problems = findings(measured.figures, measured.per_class, absolute=settings.objective.absolute)
    problems += callbacks.examination.distance_findings(measured)
    for finding in problems:
        warn(finding.sentence)
    other_domain = gan.images.other_domain
    further = () if other_domain is None else other_domain.classes[len(train.classes) :]
    spec = ModelSpec(settings.network, train.shape, train.classes, further, train.attribute_names, train.describer)
    save_generator(recreate_directory(output), generator, spec)
    save_discriminator(output, refresh_spectral_norm(callbacks.discriminator.network))
    training = {"settings": _result_settings(settings), "seed": gan.seed, "ganaug": ganaug.__version__}
    write_json(output / "training.json", training | pretrained_entry(settings.network.pretrained()))
    write_rows(output / "history.csv", callbacks.history.rows)
    write_json(output / "health.json", as_json(measured.figures, measured.per_class, problems, measured.step))
    shutil.copytree(callbacks.grids.folder, output / "grids")
    animation(sorted((output / "grids").glob("*.png")), output / "progress.gif")


def _measurements(examination: Examination, settings: TrainGan) -> Measurements:
    """Return the measurements of the last discriminator and of the generator that is kept, best or last."""
    latest, best = cast(Measurements, examination.latest), cast(Measurements, examination.best)
    return best._replace(discriminator=latest.discriminator) if settings.keep == "best" else latest


def _result_settings(settings: TrainGan) -> dict[str, Any]:
    """Return the settings that can change the result, as JSON-serialisable values."""
    plain: dict[str, Any] = TypeAdapter(TrainGan).dump_python(settings, mode="json")
    del plain["checkpoint_every"], plain["trainer"]["loggers"]
    return plain


def _configuration(settings: TrainGan, sets: GanSets, evaluators: Evaluators, seed: int, code: str) -> str:
    """Return a digest of everything that determines the result."""
    used = [sets.train, sets.val]
    used += [] if settings.unlabelled == "ignore" else [sets.unlabelled]
    used += [sets.other_domain] if sets.other_domain and settings.other_domain_share else []
    facts = [
        _result_settings(settings),
        [checksum(images.images, images.labels, images.described) for images in used],
        [evaluators.extractor.digest, checksum(evaluators.ensemble_probabilities)],
        [sets.train.classes, sets.train.attribute_names, sets.train.describer],
        seed,
        code,
        torch.__version__,
        version("pytorch-lightning"),
        torch.cuda.is_available(),
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@rank_zero_only
def _remove(folder: Path) -> None:
    shutil.rmtree(folder)
