"""The GANs' training: health, findings with remedies, and curves."""

from __future__ import annotations

from typing import Any

from ganaug.experiment.summary.records import in_groups
from ganaug.report.charts import Chart, curves
from ganaug.report.finished import Finished
from ganaug.report.panels import panels


def context(run: Finished) -> dict[str, Any]:
    """Return what gan.html shows."""
    columns = run.histories[run.first][0]
    shown = {f"gan-{number}": panel for number, panel in enumerate(panels(columns).items())}
    return {
        "healths": run.healths,
        "findings": [
            (replicate, finding) for replicate, health in run.healths.items() for finding in health["findings"]
        ],
        "in_groups": in_groups(run.card),
        "panels": {key: title for key, (title, _) in shown.items()},
        "charts": {
            key: Chart(curves(run.histories, columns), f"{title}, over the steps of training, of each replicate")
            for key, (title, columns) in shown.items()
        },
    }
