"""Reads what findings are judged on, and adds them to the summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganaug.classifier.scores import score
from ganaug.core.files import read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import ArmScores
from ganaug.experiment.evaluate_settings import Experiment
from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.findings.verdict import with_findings
from ganaug.experiment.predictions import Predictions


def with_doubts(
    summary: Mapping[str, Any],
    arms: Mapping[str, ArmScores],
    experiment: Experiment,
    held_out: tuple[LabelledImages, LabelledImages],
    paths: Paths,
) -> dict[str, Any]:
    """Return the summary with the findings about its arms and synthetic sets.

    held_out: the validation images, on which findings are judged, and the test images, on which only what a nearest
    neighbour knows is shown. Raises InputError if a file is missing.
    """
    (val, test), replicates = held_out, experiment.replicates
    learned = {
        name: Learned(scores.val, [read_rows(paths.arm(name, one) / "history.csv") for one in replicates])
        for name, scores in arms.items()
    }
    nearest = [Predictions.load(paths.neighbour(one)) for one in replicates]
    known = Validation(val.classes, val.labels, val.group_ids, [score(one.val, val.labels) for one in nearest])
    selections = [read_json(paths.synthetic_report(one) / "selection.json") for one in replicates]
    healths = [read_json(paths.gan(one) / "health.json") for one in replicates]
    on_test = float(np.mean([score(one.test, test.labels).balanced_accuracy for one in nearest]))
    return with_findings(summary, learned, known, on_test, selections, healths)
