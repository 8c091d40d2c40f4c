"""Quality and privacy of the synthetic images, and what was selected of the candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ganaug.experiment.findings.conditions import VARIED
from ganaug.experiment.summary.types import ConditionPart, MeasuredPart
from ganaug.report.finished import Finished
from ganaug.synthesis.card_words import summary as meaning

RECALL_IS_LOW = (
    "far below that of new real images: the GAN shows only part of their variety, which a classifier trained on its "
    "images then lacks"
)
BETTER = {"high": "higher", "low": "lower", "none": "close to new real images"}


def context(run: Finished) -> dict[str, Any]:
    """Return what synthetic.html shows."""
    quality = run.summary["quality"]
    comments = {"recall": RECALL_IS_LOW} if _lacks_recall(run.summary["conditions"]) else {}
    return {
        "figures": [
            {
                "name": name.replace("_", " "),
                "meaning": meaning("synthesis.metrics", name),
                "comment": comments.get(name),
                "better": BETTER[figure["better"]],
                "values": _values(figure),
            }
            for name, figure in quality["figures"].items()
        ],
        "attacks": [
            {
                "name": name.replace("_", " "),
                "meaning": meaning("synthesis.attacks", name),
                "values": _values(figure),
            }
            for name, figure in quality.get("stand_ins", {}).items()
        ],
        "inception": quality["features"] == "Inception",
        "pixelwise": [
            name.replace("_", " ") for name, figure in quality["figures"].items() if figure["sees"] == "pixels"
        ],
        "selected": _selected(run),
    }


def _values(figure: MeasuredPart) -> list[float | None]:
    return [figure["synthetic"], figure["held_out"], figure["train"]]


def _lacks_recall(conditions: Sequence[ConditionPart]) -> bool:
    return any(condition["name"] == VARIED and not condition["met"] for condition in conditions)


def _selected(run: Finished) -> list[tuple[str, int, float, float]]:
    """Return each class, its candidates in all replicates, and the shares of near-copies and of rejected candidates."""
    totals = {
        part: np.sum([selection[part] for selection in run.selections.values()], axis=0)
        for part in ("candidates", "near_copies", "rejected")
    }
    made = np.maximum(totals["candidates"], 1)
    columns = (totals["candidates"], totals["near_copies"] / made, totals["rejected"] / made)
    return list(
        zip(next(iter(run.selections.values()))["classes"], *(column.tolist() for column in columns), strict=True)
    )
