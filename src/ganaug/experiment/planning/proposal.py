"""Proposes a params.yaml that fits a data set, for `ganaug init`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.parallel import jobs_at_once
from ganaug.core.plugins import available, build, find, from_data
from ganaug.data.image_files import EncodedImage, decode
from ganaug.data.images import LabelledImages
from ganaug.data.labels import group_numbers
from ganaug.data.preparation import read_images, split_images
from ganaug.data.settings import LARGEST, SMALLEST, Prepare
from ganaug.data.sources import Dataset, RawImages
from ganaug.data.values import range_of_type
from ganaug.experiment.planning.duration import of_threads
from ganaug.experiment.planning.params_text import Choice, with_choices
from ganaug.gan.settings import TrainGan
from ganaug.gan.timing import seconds_per_step

BUDGET = 2700.0
"""Seconds that all GANs together may take, with as many side by side as cores or GPUs allow: 45 minutes. The rest of
an hour is left for classifiers."""

FEWEST_STEPS, MOST_STEPS = 400, 10_000
"""Fewest steps of a GAN that are worth trying, and most steps that small networks gain from."""

LOOKED_AT = 200
"""Number of images whose sizes are read."""

MANY_STEPS = 1000
"""Steps from which large batches and usual learning rates pay off."""

LONG = {
    "batch_size": Choice(64),
    "learning_rate": Choice(5.0e-4, "for a few thousand steps"),
    "discriminator_learning_rate": Choice(5.0e-4),
    "ema_half_life": Choice(5000, "images"),
}
SHORT = {
    "batch_size": Choice(32),
    "learning_rate": Choice(2.0e-3, "ten times the usual, for a tenth of the usual steps"),
    "discriminator_learning_rate": Choice(2.0e-3),
    "ema_half_life": Choice(2000, "images"),
}
"""Options of `train_gan` for many steps, as in the examples, and for few, as in the default params.yaml."""

SHIFTS_IN_TIME = [{"name": "RandomAffine", "degrees": 0, "translate": [0.1, 0]}]
"""Classical transforms of images that show time from left to right."""

FEW_LABELS = 100
"""Up to this many images of the rarest class in the pool, all labels are used."""


def propose(data: Path, base: ParamsFile, written: Path | None = None) -> str:
    """Return the text of a params.yaml that fits the images at `data`, with a reason beside each choice.

    base: a valid params.yaml, from which the proposal takes all values that do not depend on the data. written: path to
    write for `data`; None: `data` itself.

    Raises InputError if no source recognises the data, or if they cannot be read.
    """
    spec = recognise(data)
    source: Dataset = build("data.sources", spec)
    raw = source.load(data)
    choices = {"prepare": {"source": Choice(spec), "path": Choice(str(written or data)), **_prepare(raw)}}
    with TemporaryDirectory() as folder:
        pool, choices["prepare"] = _pool(raw, choices["prepare"], base.seed, Path(folder))
        labels = _labels(pool.counts)
        choices["prepare"]["labelled_per_class"] = labels
        balanced = _imbalanced(pool.counts) and labels.value == "all"
        choices["train_gan"] = _train_gan(pool, base, balanced=balanced, shows_time=source.shows_time)
        per_class = min(pool.counts.values()) if labels.value == "all" else labels.value
        choices["generate"] = {"per_class": Choice(max(100, 5 * per_class), "at least five for each labelled image")}
    transforms = SHIFTS_IN_TIME if source.shows_time else None
    return with_choices(base, choices, _arms(labels.value, pool.counts), transforms)


def recognise(data: Path) -> dict[str, Any]:
    """Return the name and options of the source that reads `data`. Raises InputError if there is none."""
    if not data.exists():
        raise InputError(f"{data}: no such file or folder; give the path that contains your images")
    # a folder of classes is the least specific form: a table may lie in it too
    names = sorted(available("data.sources"), key=lambda name: (name == "folder", name))
    for name in names:
        options = find("data.sources", name).recognise(data)  # type: ignore[attr-defined]
        if options is not None:
            return {"name": name, **options}
    raise InputError(
        f"{data}: holds no images in a form that is recognised, such as a folder for each of two or more classes; "
        f"docs/data.md shows what each source reads: {', '.join(names)}"
    )


def _prepare(raw: RawImages) -> dict[str, Choice]:
    """Return size, fit and splits for the images of a source."""
    shapes = [_shape(image) for image in islice(raw.images, LOOKED_AT)]
    height, width = np.median(shapes, axis=0).astype(int)
    chosen: dict[str, Choice] = {}
    if len(set(shapes)) == 1 and min(shapes[0]) >= SMALLEST and max(shapes[0]) <= 64:
        chosen["size"] = Choice(None, f"all images have {height}×{width} pixels")
    else:
        side = int(np.clip(min(height, width), SMALLEST, 32))
        chosen["size"] = Choice(
            side, f"images have about {height}×{width} pixels; larger sizes, up to {LARGEST}, take longer"
        )
        photographs = isinstance(next(iter(raw.images)), EncodedImage)  # axes of other images may differ in meaning
        if photographs and max(height / width, width / height) > 1.2:
            chosen["fit"] = Choice("crop", "or pad, or resize, which stretches them")
    splits = set() if raw.splits is None else set(raw.splits.tolist())
    smallest = _rarest(raw)
    share = 0.3 if smallest >= 20 else 0.4
    chosen["test"] = (
        Choice(None, "the source's own test set") if "test" in splits else Choice(share, "share of each class")
    )
    chosen["val"] = (
        Choice(None, "the source's own validation set")
        if "val" in splits
        else Choice(0.1 if smallest >= 50 else 0.2, "share of each class; used to choose shares, arms and generators")
    )
    chosen["labelled_per_class"] = Choice("all")
    return chosen


def _rarest(raw: RawImages) -> int:
    """Return the number of groups in the class with the fewest groups: splits never divide a group."""
    groups = np.arange(len(raw.labels)) if raw.groups is None else group_numbers(raw.groups)[0]
    return min(len(np.unique(groups[raw.labels == label])) for label in range(len(raw.classes)))


def _shape(image: np.ndarray | EncodedImage) -> tuple[int, int]:
    height, width = (decode(image).pixels if isinstance(image, EncodedImage) else image).shape[:2]
    return height, width


def _pool(
    raw: RawImages, choices: dict[str, Choice], seed: int, folder: Path
) -> tuple[LabelledImages, dict[str, Choice]]:
    """Return the training pool and the choices, with percentiles added if the values' type implies no range."""
    settings = _settings(choices)
    uniform = read_images(raw, settings, folder)
    try:
        range_of_type(uniform.kind, uniform.found)
    except InputError:
        why = "or [black, white] in the images' own values"
        choices = choices | {"values": Choice({"percentiles": [0.5, 99.5]}, why)}
    return split_images(raw, uniform, _settings(choices), seed, folder).pool, choices


def _settings(choices: Mapping[str, Choice]) -> Prepare:
    return from_data(Prepare, {name: choice.value for name, choice in choices.items()})


def _imbalanced(counts: Mapping[str, int]) -> bool:
    return max(counts.values()) > 1.5 * min(counts.values())


def _labels(counts: Mapping[str, int]) -> Choice:
    """Return how many labels per class to use. counts: images of each class in the pool."""
    rarest = min(counts.values())
    if rarest <= FEW_LABELS:
        return Choice("all", f"{rarest} images of the rarest class, {max(counts.values())} of the most frequent one")
    return Choice(20, f"a limited set out of {rarest} or more per class; all: to see how the GAN does with all labels")


def _train_gan(pool: LabelledImages, base: ParamsFile, *, balanced: bool, shows_time: bool) -> dict[str, Choice]:
    """Return the choices that depend on the images, with as many steps as this machine can do in BUDGET."""
    shared = {
        "balanced": Choice(balanced, "true: all classes equally often, for imbalanced data"),
        "diffaugment": _diffaugment(pool.shape[0], shows_time=shows_time),
    }
    jobs = jobs_at_once(base.threads, torch.cuda.device_count())
    seconds = BUDGET / -(-len(base.replicates) // jobs)
    with of_threads(base.threads):
        chosen, (steps, step) = SHORT, _affordable(shared | SHORT, pool, base, seconds)
        if steps >= MANY_STEPS:  # otherwise the larger batches of LONG need not be timed: they take longer
            many, longer = _affordable(shared | LONG, pool, base, seconds)
            if many >= MANY_STEPS:
                chosen, steps, step = LONG, many, longer
    why = f"{1000 * step:.0f} ms each on this machine: {steps * step / 60:.0f} minutes per GAN"
    return {"steps": Choice(steps, why), **shared, **chosen}


def _diffaugment(channels: int, *, shows_time: bool) -> Choice:
    if shows_time:
        return Choice(["translation", "cutout"], "no affine or flip: one axis is time")
    return Choice(
        ["color", "affine", "cutout"] if channels >= 3 else ["affine"], "add flip if mirrored images keep their class"
    )


def _affordable(
    choices: Mapping[str, Choice], pool: LabelledImages, base: ParamsFile, seconds: float
) -> tuple[int, float]:
    """Return how many steps take `seconds`, in hundreds from FEWEST_STEPS to MOST_STEPS, and the seconds per step."""
    chosen = {name: choice.value for name, choice in choices.items()}
    step = seconds_per_step(from_data(TrainGan, base.value("train_gan") | chosen), pool)
    return int(np.clip(seconds / step, FEWEST_STEPS, MOST_STEPS)) // 100 * 100, step


def _arms(labels: int | str, counts: Mapping[str, int]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the arms' options except transforms, by group and name."""
    baseline: dict[str, dict[str, Any]] = {"real": {}, "classical": {}}
    augmented: dict[str, dict[str, Any]] = {"gan_classical": {"synthetic": [0, 0.25, 0.5]}}
    if isinstance(labels, int):
        baseline |= {f"classical_{2 * labels}": {"labels": 2 * labels}, "classical_all": {"labels": "all"}}
    elif _imbalanced(counts):
        baseline["classical_balanced"] = {"balanced": True}
        augmented["gan_rare"] = {"synthetic": [0, 0.25, 0.5], "synthetic_for": "short"}
    augmented["synthetic_only"] = {"synthetic": 1.0}
    return {"baseline": baseline, "augmented": augmented}
