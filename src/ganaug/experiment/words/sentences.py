"""Collects the sentences about a finished run, for terminal, report and MLflow."""

from __future__ import annotations

from ganaug.experiment.summary.pretrained_weights import weights_sentence
from ganaug.experiment.summary.types import Summary


def sentences(summary: Summary) -> list[str]:
    """Return the answer, its explanation, the label equivalent, what was left to gain, and pretrained weights."""
    return [
        summary["verdict"]["headline"],
        summary["verdict"]["sentence"],
        *([summary["label_equivalent"]["sentence"]] if "label_equivalent" in summary else []),
        summary["left_to_gain"]["sentence"],
        *(weights_sentence(entry) for entry in summary.get("pretrained", ())),
    ]


def known_without_training(summary: Summary) -> str:
    """Return a sentence about the nearest neighbour's balanced accuracy."""
    on_test, on_val = (100 * summary["neighbour"][figure] for figure in ("balanced_accuracy", "val_balanced_accuracy"))
    sentence = f"A nearest-neighbour classifier on raw pixels has a balanced accuracy of {on_test:.1f}%"
    return f"{sentence} ({on_val:.1f}% on the validation images)."
