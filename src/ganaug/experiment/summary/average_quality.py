"""Averages the quality of the synthetic sets over replicates, for results/summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ganaug.experiment.summary.types import FigurePart, MeasuredPart, QualityPart


def average_quality(qualities: Sequence[Mapping[str, Any]]) -> QualityPart:
    """Return each figure of quality.json, averaged over the replicates that have a value; None if none has.

    qualities: the content of each replicate's quality.json. For stand-ins, each attack is averaged too.
    """
    first = qualities[0]
    figures: dict[str, FigurePart] = {
        name: {
            "better": figure["better"],
            "ideal": figure["ideal"],
            "sees": figure["sees"],
            **_mean_figures([quality["figures"][name] for quality in qualities]),
        }
        for name, figure in first["figures"].items()
    }
    averaged: QualityPart = {"features": first["features"], "figures": figures}
    if "stand_ins" in first:
        attacks = [quality["stand_ins"]["attacks"] for quality in qualities]
        averaged["stand_ins"] = {name: _mean_figures([each[name] for each in attacks]) for name in attacks[0]}
    return averaged


def _mean_figures(figures: Sequence[Mapping[str, Any]]) -> MeasuredPart:
    """Return the mean of each column over the replicates that have a value; None if none has."""

    def mean(column: str) -> float | None:
        values = [figure[column] for figure in figures if figure[column] is not None]
        return round(float(np.mean(values)), 6) if values else None

    return {"synthetic": mean("synthetic"), "train": mean("train"), "held_out": mean("held_out")}
