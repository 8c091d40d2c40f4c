"""Reads what findings are based on, and adds them to the summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ganaug.core.files import read_json, read_rows
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.experiment.comparison import ArmScores
from ganaug.experiment.findings.answers import Answers
from ganaug.experiment.findings.arms import Learned, Validation
from ganaug.experiment.findings.verdict import Judged, with_findings
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.summary_types import QualityPart, Results


def with_doubts(
    results: Results,
    quality: QualityPart,
    scores: Mapping[str, ArmScores],
    healths: Mapping[int, Any],
    val: LabelledImages,
    test: LabelledImages,
    paths: Paths,
) -> Judged:
    """Return the results with the findings about its arms and synthetic sets. Raises InputError if a file is missing.

    scores: of each arm. healths: health.json of each replicate. val: the images on which findings are judged. test:
    used only to show the accuracy of a nearest neighbour.
    """

    def learned(name: str) -> Learned:
        answers = [Answers.of(one, val.labels) for one in scores[name].val.probabilities]
        return Learned(answers, [read_rows(paths.arm(name, one) / "history.csv") for one in healths])

    nearest = [Predictions.load(paths.neighbour(one)) for one in healths]
    known = Validation(val.classes, val.labels, val.group_ids, [Answers.of(one.val, val.labels) for one in nearest])
    on_test = float(np.mean([Answers.of(one.test, test.labels).balanced_accuracy for one in nearest]))
    selections = [read_json(paths.synthetic_report(one) / "selection.json") for one in healths]
    arms = {name: learned(name) for name in scores}
    return with_findings(results, quality, arms, known, on_test, selections, list(healths.values()))
