"""Selects the generator and the classifier that a run offers as models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.core.files import existing, read_json
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages, checksum
from ganaug.data.source_images import source_images
from ganaug.experiment.arms.predictions import Predictions
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.summary.metric_keys import on_validation
from ganaug.experiment.summary.reader import read_summary
from ganaug.experiment.summary.types import Summary
from ganaug.report.mlflow.models.merit import Merit
from ganaug.report.mlflow.runs.nested_runs import classifier_name, gan_name

GENERATOR = ("generator.json", "generator.safetensors")
CLASSIFIER = ("classifier.json", "classifier.safetensors")
DISCRIMINATOR = ("generator.json", "discriminator.safetensors")
"""Files that a model needs from a GAN's or an arm's folder."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A model that a run offers."""

    kind: str
    """generator or classifier."""
    run: str
    """Name of the nested run that trained it."""
    about: str
    """Description."""
    files: Sequence[Path]
    """All files that it is loaded from."""
    merit: Merit
    classes: Sequence[str]
    """Names, in label order."""
    inputs: Mapping[str, np.ndarray]
    """Example inputs: a generator's by name, a classifier's as `images`."""
    output: tuple[str, tuple[int, ...]]
    """Type and shape of its output for each input."""
    data: str
    """Name of the data set."""

    @property
    def name(self) -> str:
        """Name to register it under: one for each data set and kind, without characters that MLflow refuses."""
        return f"ganaug-{re.sub(r'[^A-Za-z0-9_.]+', '-', self.data).strip('-') or 'data'}-{self.kind}"

    @property
    def digest(self) -> str:
        """Hash of its files."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.read_bytes())
        return digest.hexdigest()


def offers(experiment: Experiment, paths: Paths) -> list[Offer]:
    """Return the generator of the best arm with the GAN, and the classifier to use.

    The classifier is that arm's if the verdict is that it helps, else the reference's. Both come from the replicate in
    which their arm is best on validation images. Raises InputError if a result is missing.
    """
    run = _Run(experiment, read_summary(paths.summary), LabelledImages.load(paths.val), paths)
    verdict = run.summary["verdict"]
    helps = verdict["answer"] == "helps"
    return [
        _generator(run, verdict["arms"][0], sound=helps),
        _classifier(run, verdict["arms" if helps else "references"][0], sound=verdict["answer"] != "nothing learned"),
    ]


@dataclass(frozen=True)
class _Run:
    """A finished run."""

    experiment: Experiment
    summary: Summary
    val: LabelledImages
    paths: Paths

    @property
    def data(self) -> str:
        """Name of the data set."""
        return self.summary["dataset"]["name"]

    def best_replicate(self, arm: str) -> int:
        """Return the replicate in which the arm is best on validation images; the first of equals."""
        metric, replicates = self.experiment.evaluate.metric, self.experiment.replicates
        predicted = np.array([Predictions.load(self.paths.arm(arm, replicate)).val for replicate in replicates])
        merits = [metric.merit(value) for value in Measured.of(predicted, self.val).values(metric)]
        return replicates[merits.index(max(merits))]

    def merit(self, arm: str, *, sound: bool) -> Merit:
        """Return an arm's merit on validation images."""
        metric = self.summary["metric"]
        score, better = on_validation(self.summary["arms"][arm], metric), self.summary["metrics"][metric]["better"]
        return Merit(score, metric, better, checksum(self.val.images, self.val.labels)[:16], sound)


def _generator(run: _Run, arm: str, *, sound: bool) -> Offer:
    replicate = run.best_replicate(arm)
    folder = run.paths.gan(replicate)
    spec = read_json(folder / "generator.json")
    labels = np.arange(min(2, len(spec["classes"])))
    inputs = {"label": labels, "seed": np.arange(len(labels))}
    sources = source_images(
        run.paths.synthetic(replicate),
        LabelledImages.load(run.paths.train(replicate)),
        LabelledImages.load(run.paths.other_domain),
    )
    if sources is not None:
        inputs["image"] = _channels_last(sources, len(labels))
    if spec.get("attributes"):
        inputs["attributes"] = np.zeros((len(labels), len(spec["attributes"])), np.float32)
    return Offer(
        kind="generator",
        run=gan_name(replicate),
        about=f"The generator of replicate {replicate}: labels and one seed per image → images",
        files=[existing(folder / name) for name in GENERATOR],
        merit=run.merit(arm, sound=sound),
        classes=spec["classes"],
        inputs=inputs,
        output=("uint8", _height_width_channels(spec)),
        data=run.data,
    )


def _classifier(run: _Run, arm: str, *, sound: bool) -> Offer:
    replicate = run.best_replicate(arm)
    folder, names = run.paths.arm(arm, replicate), CLASSIFIER
    if run.experiment.arms[arm].discriminator:
        folder, names = run.paths.gan(replicate), DISCRIMINATOR
    files = [existing(folder / name) for name in names]
    classes = read_json(files[0])["classes"]
    return Offer(
        kind="classifier",
        run=classifier_name(arm, replicate),
        about=f"The classifier of the arm {arm} in replicate {replicate}: images → class probabilities",
        files=files,
        merit=run.merit(arm, sound=sound),
        classes=classes,
        inputs={"images": _channels_last(run.val, 2)},
        output=("float32", (len(classes),)),
        data=run.data,
    )


def _channels_last(images: LabelledImages, count: int) -> np.ndarray:
    """Return the first images as (N, H, W, C) uint8."""
    return np.ascontiguousarray(np.asarray(images.images[:count]).transpose(0, 2, 3, 1))


def _height_width_channels(spec: Mapping[str, Any]) -> tuple[int, ...]:
    channels, height, width = spec["image_shape"]
    return height, width, channels
