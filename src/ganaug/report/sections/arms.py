"""All arms: a forest plot, their figures, the shares of synthetic images that were tried, and all metrics."""

from __future__ import annotations

from typing import Any

from ganaug.experiment.arms.description import learned_from, percent
from ganaug.experiment.summary.metric_keys import interval_in, on_validation
from ganaug.experiment.summary.types import Summary
from ganaug.experiment.words.answer import answer_about
from ganaug.experiment.words.quantity import Quantity
from ganaug.experiment.words.sentences import known_without_training
from ganaug.report.charts import Bar, Chart, intervals
from ganaug.report.finished import Finished


def context(run: Finished) -> dict[str, Any]:
    """Return what arms.html shows."""
    summary, quantity = run.summary, run.quantity
    bars, title = forest_bars(summary)
    counts = summary["dataset"]["train_per_class"].values()
    return {
        "rows": [
            {
                "name": name,
                "words": arm["words"],
                "answer": answer_about(summary, name),
                "gain": summary["gains"][name]["alone"] if name in summary["gains"] else None,
                "value": interval_in(arm, summary["metric"]),
                "val": on_validation(arm, summary["metric"]),
                "synthetic": arm["synthetic"],
                "learned_from": learned_from(arm["trained_on"]),
            }
            for name, arm in summary["arms"].items()
        ],
        "tried": {
            name: [
                (percent(float(share)) if float(share) else "none", value, float(share) == arm["synthetic"])
                for share, value in tried.items()
            ]
            for name, arm in summary["arms"].items()
            if (tried := arm["tried"])
        },
        "known": known_without_training(summary),
        "quantities": {key: Quantity(**fields) for key, fields in summary["metrics"].items()},
        "imbalanced": len(set(counts)) > 1,
        "axis": title,
        "charts": {
            "forest": Chart(
                intervals(bars, quantity, summary["smallest_gain"]),
                f"{title} of each arm with its interval; the table below has the figures",
            )
        },
    }


def forest_bars(summary: Summary) -> tuple[list[Bar], str]:
    """Return each arm's gain with its own interval, as in the verdict, and the title of the axis."""
    quantity = Quantity.deciding(summary)
    bars = [
        Bar(
            name,
            gain["alone"]["mean"],
            gain["alone"]["low"],
            gain["alone"]["high"],
            gain["alone"]["per_replicate"],
            with_gan=bool(summary["arms"][name]["gan"]),
        )
        for name, gain in summary["gains"].items()
    ]
    return bars, quantity.gain_heading(summary["reference"])
