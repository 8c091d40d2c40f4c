"""Doubts: findings about arms and synthetic sets, which are shown beside the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ganaug.core.finding import Finding
from ganaug.experiment.findings.arms import Learned, Validation, arm_findings
from ganaug.experiment.findings.chance import learned_nothing
from ganaug.experiment.findings.relevance import is_about_images
from ganaug.experiment.findings.synthetic import synthetic_findings
from ganaug.experiment.summary.types import DoubtPart, FigurePart, Results, Summary


def find_doubts(
    results: Results,
    figures: Mapping[str, FigurePart],
    arms: Mapping[str, Learned],
    validation: Validation,
    selections: Sequence[Mapping[str, Any]],
    healths: Sequence[Mapping[str, Any]],
) -> dict[str, DoubtPart]:
    """Return the doubts by name, without compared arms that have learned nothing: the verdict reports these.

    figures: of the synthetic sets' quality. selections, healths: each replicate's selection.json and health.json.
    """
    compared = [*results["verdict"]["references"], *results["verdict"]["arms"]]
    idle = [name for name in compared if learned_nothing(arms[name].val)]
    judged = {name: arm for name, arm in arms.items() if name not in idle}
    findings = arm_findings(judged, [name for name in compared if name in judged], validation)
    if is_about_images(results):
        findings += synthetic_findings(figures, selections, healths)
    return {finding.name: {"seen": finding.seen, "remedy": finding.remedy} for finding in findings}


def doubts(summary: Summary) -> list[str]:
    """Return a sentence for each doubt, with its remedy."""
    return [Finding(name, **rest).sentence for name, rest in summary["doubts"].items()]
