"""Reads the files that stages wrote for evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug.core.files import read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.predictions import Predictions
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.statistics.measured import Measured
from ganaug.experiment.summary.pretrained_weights import pretrained_weights
from ganaug.experiment.summary.types import LeftToGainPart, StartedFrom


@dataclass(frozen=True, kw_only=True)
class Records:
    """Everything that evaluation reads, except for costs; sequences have an entry per replicate."""

    data: ExperimentData
    validation: Validation
    """The images on which findings are judged, with the nearest neighbour's answers."""
    neighbour_on_test: Sequence[Answers]
    """The nearest neighbour's answers on the test images."""
    arms: Mapping[str, ArmScores]
    learned: Mapping[str, Learned]
    """The records by which findings about arms are judged."""
    healths: Mapping[int, Mapping[str, Any]]
    """health.json of each replicate's GAN."""
    qualities: Sequence[Mapping[str, Any]]
    """quality.json of each synthetic set."""
    selections: Sequence[Mapping[str, Any]]
    """selection.json of each synthetic set."""
    left_to_gain: LeftToGainPart
    pretrained: StartedFrom
    card: Mapping[str, Any]
    """The description of the prepared data."""

    @classmethod
    def read(cls, experiment: Experiment, paths: Paths) -> Records:
        """Read all records. Raises InputError if a stage's results are missing."""
        val, test, replicates = LabelledImages.load(paths.val), LabelledImages.load(paths.test), experiment.replicates
        train_sets = {replicate: LabelledImages.load(paths.train(replicate)) for replicate in replicates}
        card = read_json(paths.data_card)
        arms = {name: arm_scores(name, experiment, val, test, paths) for name in experiment.arms}
        healths = {replicate: read_json(paths.gan(replicate) / "health.json") for replicate in replicates}
        neighbours = [Predictions.load(paths.neighbour(replicate)) for replicate in replicates]
        reports = [paths.synthetic_report(replicate) for replicate in replicates]
        return cls(
            data=ExperimentData(test, train_sets, card["pool"]),
            validation=Validation(
                val.classes,
                val.labels,
                val.group_ids,
                [Answers.of(predictions.val, val.labels) for predictions in neighbours],
            ),
            neighbour_on_test=[Answers.of(predictions.test, test.labels) for predictions in neighbours],
            arms=arms,
            learned={name: _learned(name, scores, experiment, val, paths) for name, scores in arms.items()},
            healths=healths,
            qualities=[read_json(report / "quality.json") for report in reports],
            selections=[read_json(report / "selection.json") for report in reports],
            left_to_gain=read_json(paths.left_to_gain),
            pretrained=pretrained_weights(experiment, paths),
            card=card,
        )


def arm_scores(name: str, experiment: Experiment, val: LabelledImages, test: LabelledImages, paths: Paths) -> ArmScores:
    """Read the predictions of the arm called `name`. Raises InputError if they are missing."""
    predictions = [Predictions.load(paths.arm(name, replicate)) for replicate in experiment.replicates]
    baseline = name not in experiment.augmented
    return ArmScores(
        arm=experiment.arms[name],
        group="baseline" if baseline else "augmented",
        trained_on=experiment.trained_on(name),
        synthetic=0.0 if baseline else read_json(paths.share(name))["synthetic"],
        tried={} if baseline else read_json(paths.tried(name))[f"val_{experiment.evaluate.metric.key}"],
        val=Measured.of(np.array([predicted.val for predicted in predictions]), val),
        test=Measured.of(np.array([predicted.test for predicted in predictions]), test),
    )


def _learned(name: str, scores: ArmScores, experiment: Experiment, val: LabelledImages, paths: Paths) -> Learned:
    """Return an arm's answers on validation images, and read the histories of its classifiers."""
    answers = [Answers.of(probabilities, val.labels) for probabilities in scores.val.probabilities]
    histories = [read_rows(paths.arm(name, replicate) / "history.csv") for replicate in experiment.replicates]
    return Learned(answers, histories)


def in_groups(card: Mapping[str, Any]) -> bool:
    """Return whether training images come in groups. card: description of the prepared data."""
    return bool(card["groups"]["pool"] < sum(card["pool"].values()))
