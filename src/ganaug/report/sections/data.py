"""The data: number of images per class and split, duplicates, and images left out."""

from __future__ import annotations

from typing import Any

from ganaug.report.finished import Finished


def context(run: Finished) -> dict[str, Any]:
    """Return what data.html shows."""
    card, dataset = run.card, run.summary["dataset"]
    columns = [dataset["train_per_class"], card["pool"], card["val"], card["test"]]
    rows = [(name, [column[name] for column in columns]) for name in card["classes"]]
    return {"rows": rows, "sums": [sum(column.values()) for column in columns], "card": card}
