"""Reads what findings are judged on, and adds them to the summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganaug.core.files import read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.findings.verdict import with_findings
from ganaug.experiment.predictions import Predictions


def with_doubts(
    summary: Mapping[str, Any], experiment: Experiment, val: LabelledImages, test: LabelledImages, paths: Paths
) -> dict[str, Any]:
    """Return the summary with the findings about its arms and synthetic sets. Raises InputError if a file is missing.

    val: the images on which findings are judged. test: those on which only what a nearest neighbour knows is shown.
    """
    replicates = experiment.replicates

    def learned(name: str) -> Learned:
        folders = [paths.arm(name, one) for one in replicates]
        answers = [Answers.of(Predictions.load(folder).val, val.labels) for folder in folders]
        return Learned(answers, [read_rows(folder / "history.csv") for folder in folders])

    nearest = [Predictions.load(paths.neighbour(one)) for one in replicates]
    known = Validation(val.classes, val.labels, val.group_ids, [Answers.of(one.val, val.labels) for one in nearest])
    on_test = float(np.mean([Answers.of(one.test, test.labels).balanced_accuracy for one in nearest]))
    selections = [read_json(paths.synthetic_report(one) / "selection.json") for one in replicates]
    healths = [read_json(paths.gan(one) / "health.json") for one in replicates]
    arms = {name: learned(name) for name in experiment.arms}
    return with_findings(summary, arms, known, on_test, selections, healths)
