"""The summary of a tiny run, complete enough for its reader."""

import copy
import json
from typing import Any

from pinned_numbers import TINY_SUMMARY

SPENT = {"gan": 60.0, "arm": 2.0, "reference": 1.0, "per_point": None}


def tiny() -> dict[str, Any]:
    """Return the pinned summary, completed with made-up text and costs where nothing is pinned."""
    summary: dict[str, Any] = json.loads(TINY_SUMMARY.read_text(encoding="utf-8"))
    for name, arm in summary["arms"].items():
        arm |= {"words": f"images of {name}", "confusion": []}
    for doubt in summary["doubts"].values():
        doubt |= {"seen": "it was seen", "remedy": "more steps"}
    summary["verdict"] |= {"headline": "Not known yet.", "sentence": "Undecided: with `gan`, little changed."}
    summary["label_equivalent"]["sentence"] = "The label equivalent is unknown."
    summary["left_to_gain"]["sentence"] = "Much is left to gain."
    return summary | {"conditions": [], "cost": {"jobs": 1, "seconds": SPENT, "joules": None}}


def completed(results: dict[str, Any]) -> dict[str, Any]:
    """Return the tiny run's summary with these results of the arms."""
    parts = ("quality", "neighbour", "doubts", "left_to_gain", "conditions", "cost")
    return results | {part: tiny()[part] for part in parts}


def with_gain(interval: dict[str, Any], *, metric: str = "balanced_accuracy") -> dict[str, Any]:
    """Return the gains of the tiny run, with another gain of its arm in one metric."""
    gains: dict[str, Any] = copy.deepcopy(tiny()["gains"])
    gains["gan"][metric] |= interval
    return gains
