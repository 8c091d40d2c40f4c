"""Forecasts how long the whole run will take on this machine, from a few timed steps of each kind of training."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import prod
from typing import NamedTuple

import numpy as np
import torch

from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.frozen import computed_once
from ganaug.classifier.prediction import evaluate
from ganaug.classifier.settings import Training
from ganaug.classifier.training import fit
from ganaug.core.device import device
from ganaug.core.parallel import jobs_at_once
from ganaug.core.time_words import time_in_words
from ganaug.data.batches import MixedBatches, Part, index_batches
from ganaug.data.images import LabelledImages
from ganaug.data.mixing import Mixing
from ganaug.data.transforms import AugmentedBatches, Transforms
from ganaug.experiment.arms.groups import GROUPS
from ganaug.experiment.arms.settings import Arm
from ganaug.experiment.params import Params
from ganaug.experiment.stages import STAGES
from ganaug.gan.timing import TIMED, WARM_UP, seconds_per_examination, seconds_per_step

SECONDS_PER_STAGE = 3.0
"""Seconds per stage besides training, on the machine of docs/results: DVC's part, starting, reading and writing."""

BESIDE = {"neighbour", "train_baseline", "left_to_gain", "train_informed", "choose_precision", "measure"}
"""Stages that no arm with the GAN waits for, or not for long."""


class Forecast(NamedTuple):
    """Time and space that a whole run will take, if nothing else runs and stages do not slow each other down.

    seconds: kind of stage → seconds of all stages of that kind, one after another. chain: seconds of the longest chain
    of stages that wait for each other: one replicate with its longest arm. jobs: stages that `ganaug run` runs side by
    side. gpus: number in this machine. stage_bytes: memory of one stage. disk_bytes: size of all images, real and
    synthetic.
    """

    seconds: dict[str, float]
    chain: float
    jobs: int
    gpus: int
    stage_bytes: int
    disk_bytes: int

    @property
    def sequential(self) -> float:
        """Seconds until the run is finished, one stage after another."""
        return sum(self.seconds.values())

    @property
    def total(self) -> float:
        """Seconds until the run is finished with all `jobs` busy, or the seconds of the chain if that takes longer."""
        return max(self.sequential / self.jobs, self.chain)


@contextmanager
def of_threads(number: int) -> Iterator[None]:
    """Let torch use this number of CPU threads within the block, as in a stage."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def forecast(params: Params, train: LabelledImages, val: LabelledImages, images: int) -> Forecast:
    """Time a few steps of each kind of training, and multiply by the numbers of steps in the run.

    train: one replicate's limited training set. images: number of images of the whole data set.
    """
    with of_threads(params.threads):
        ensemble, arms = params.train_ensemble, params.without_gan | params.augmented
        members = ensemble.members * _classifier(ensemble, ensemble.transforms, None, train, val)
        different = {_augmentation(arm): arm for arm in arms.values()}
        trained = {
            key: _classifier(params.train_classifier, arm.transforms, arm.mixing, train, val)
            for key, arm in different.items()
        }
        gan = _gan(params, train, val)
    by_arm = {name: _trainings(params, arm) * trained[_augmentation(arm)] for name, arm in arms.items()}
    replicates = len(params.replicates)
    sizes = {"replicate": replicates} | {group: len(getattr(params, group)) for group in GROUPS}
    stages = sum(prod(sizes[axis] for axis in stage.per) for stage in STAGES.values())
    waiting = len(STAGES.keys() - BESIDE)
    gpus = torch.cuda.device_count()
    synthetic = sum(params.generate.requested(train.counts.values())) * replicates
    return Forecast(
        seconds={
            "ensembles": replicates * members,
            "GANs": replicates * gan,
            "arms": replicates * sum(by_arm.values()),
            "everything else": SECONDS_PER_STAGE * stages,
        },
        chain=members + gan + max(by_arm[name] for name in params.augmented) + SECONDS_PER_STAGE * waiting,
        jobs=jobs_at_once(params.threads, gpus, params.train_gan.trainer.devices),
        gpus=gpus,
        stage_bytes=1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        disk_bytes=int(np.prod(train.shape)) * (images + synthetic),
    )


def _gan(params: Params, train: LabelledImages, val: LabelledImages) -> float:
    """Return the seconds that one GAN takes, with its examinations by the ensemble's classifiers."""
    settings, ensemble = params.train_gan, params.train_ensemble
    models = tuple(ensemble.classifier.build(val.shape, len(val.classes)) for _ in range(ensemble.members))
    examination = seconds_per_examination(settings, train, val, FeatureExtractor(models))
    return settings.steps * seconds_per_step(settings, train) + (settings.examinations + 1) * examination


def _trainings(params: Params, arm: Arm) -> int:
    """Return how many classifiers one replicate of an arm trains, including the trials of its shares."""
    if arm.discriminator:
        return 0
    shares = len(arm.synthetic_shares)
    return params.train_classifier.seeds * (1 + (shares if shares > 1 else 0))


def _augmentation(arm: Arm) -> str:
    """Return a key for the options that decide how long a step of an arm takes."""
    return repr((arm.transforms, arm.mixing))


def _classifier(
    settings: Training, transforms: Transforms, mixing: Mixing | None, train: LabelledImages, val: LabelledImages
) -> float:
    """Return the seconds that one classifier takes. The origin of its images makes no difference."""
    steps = WARM_UP + TIMED
    used = train.subset(np.arange(min(len(train), steps * settings.batch_size)))
    order = index_batches(used, settings.batch_size, 0, balanced=False)
    part = Part(used.images, used.labels, order, settings.batch_size, ascending=True)
    batches = AugmentedBatches(MixedBatches(part), len(train.classes), 0, transforms, mixing)
    moments: list[float] = []
    short = replace(settings, steps=steps, evaluate_every=steps)
    fit(short, batches, val, 0, lambda _: moments.append(time.perf_counter()))
    *passed, last = np.diff(moments[WARM_UP - 1 :])
    step = float(np.median(passed))
    validations = settings.steps / settings.evaluate_every * max(0.0, float(last) - step)
    return _features(settings, batches, used, len(train), val) + settings.steps * step + validations


def _features(
    settings: Training, batches: AugmentedBatches, used: LabelledImages, images: int, val: LabelledImages
) -> float:
    """Return the seconds it takes to compute the features of a frozen backbone, once, before the first step.

    used: the images of `batches`. images: number of all training images.
    """
    model = settings.classifier.build(val.shape, len(val.classes)).to(device())
    if not model.frozen:
        return 0.0
    started = time.perf_counter()
    evaluate(model, model.features, used.images)
    each = (time.perf_counter() - started) / len(used)
    shown = min(images, settings.steps * settings.batch_size)
    return each * (len(val) + (shown if computed_once(model, batches, settings.steps) else 0))


def in_words(forecast: Forecast) -> Iterable[str]:
    """Yield sentences about time, its assumptions, memory and disk space."""
    parts = ", ".join(f"{kind} {time_in_words(seconds)}" for kind, seconds in forecast.seconds.items())
    device = f"a GPU for each of {forecast.jobs} stages" if forecast.gpus else f"{forecast.jobs} stages"
    side = f"; with {device} side by side (`ganaug run`): {time_in_words(forecast.total)}" if forecast.jobs > 1 else ""
    yield f"the whole run takes about {time_in_words(forecast.sequential)} on this machine ({parts}){side}"
    yield "this is estimated from a few steps of each training, timed just now; expect longer if the machine is busy"
    memory, disk = _bytes(forecast.stage_bytes), _bytes(forecast.disk_bytes)
    yield f"a stage needs about {memory} of memory, and all images {disk} on disk"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
