"""All that the stages of a run left behind for its evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganaug.core.files import read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import ArmScores, ExperimentData
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.measured import Measured
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.pretrained_weights import pretrained_weights
from ganaug.experiment.summary_types import LeftToGainPart, StartedFrom


@dataclass(frozen=True, kw_only=True)
class Records:
    """What evaluation reads, except for costs; sequences have an entry per replicate."""

    data: ExperimentData
    validation: Validation
    """The images on which findings are judged, and what a nearest neighbour knows of them."""
    neighbour_on_test: Sequence[Answers]
    """What the nearest neighbour answers on the test images."""
    arms: Mapping[str, ArmScores]
    learned: Mapping[str, Learned]
    """What findings about arms are judged by."""
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
        """Read them. Raises InputError if a stage's results are missing."""
        val, test, replicates = LabelledImages.load(paths.val), LabelledImages.load(paths.test), experiment.replicates
        train_sets = {one: LabelledImages.load(paths.train(one)) for one in replicates}
        card = read_json(paths.data_card)
        arms = {name: arm_scores(name, experiment, val, test, paths) for name in experiment.arms}
        healths = {one: read_json(paths.gan(one) / "health.json") for one in replicates}
        nearest = [Predictions.load(paths.neighbour(one)) for one in replicates]
        known = [Answers.of(one.val, val.labels) for one in nearest]
        reports = [paths.synthetic_report(one) for one in replicates]
        return cls(
            data=ExperimentData(test, train_sets, card["pool"]),
            validation=Validation(val.classes, val.labels, val.group_ids, known),
            neighbour_on_test=[Answers.of(one.test, test.labels) for one in nearest],
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
    """Read what the arm called `name` predicts. Raises InputError if predictions are missing."""
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
    """Read how an arm's classifiers learned."""
    answers = [Answers.of(one, val.labels) for one in scores.val.probabilities]
    return Learned(answers, [read_rows(paths.arm(name, one) / "history.csv") for one in experiment.replicates])


def in_groups(card: Mapping[str, Any]) -> bool:
    """Return whether training images come in groups. card: the description of the prepared data."""
    return bool(card["groups"]["pool"] < sum(card["pool"].values()))
