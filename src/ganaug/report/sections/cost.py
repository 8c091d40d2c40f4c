"""The GAN's cost in seconds and joules, and how many extra labels its gain is equivalent to."""

from __future__ import annotations

from typing import Any

from ganaug.experiment.cost import costs_in
from ganaug.report.finished import Finished


def context(run: Finished) -> dict[str, Any]:
    """Return what cost.html shows."""
    by_stage = {stage: sum(part["seconds"] for part in costs_in(parts)) for stage, parts in run.seconds.items()}
    equivalent = run.summary.get("label_equivalent")
    return {
        "by_stage": by_stage,
        "total": sum(by_stage.values()),
        "label_equivalent": None if equivalent is None else equivalent["sentence"],
    }
