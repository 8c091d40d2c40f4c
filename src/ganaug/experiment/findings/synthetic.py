"""Findings about synthetic sets: pure functions of the records of earlier stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np

from ganaug.core.finding import Finding
from ganaug.experiment.summary.types import FigurePart

REJECTED = 0.5
"""Share of a class's candidates that may be rejected, by a policy or as near-copies. In healthy sets, policies reject
up to 0.4, where a class's real images are nearly equal (the digit 1 in MNIST)."""
LACKS_VARIETY = "synthetic images lack variety"
MORE_VARIETY = (
    "`generate.truncation` above 1, the objective `relativistic`, or more real images (unlabelled ones help too)"
)
LOW_RECALL = 0.5
"""Smallest recall, as a share of the recall of new real images: of eight runs on digits and MNIST, seven have 0.38 to
0.78, with larger values the more real images the GAN has seen."""
LOW_DIVERSITY = 0.9
"""Smallest mean distance between images of a class, as a share of the distance between real images. Recall alone also
falls as the number of synthetic images grows, because its balls shrink."""
ALREADY_SAID = frozenset({"generator undertrained", "generator far from the real images", "generator collapsed"})
"""Findings about a GAN's training that imply a lack of variety."""


def synthetic_findings(
    figures: Mapping[str, FigurePart],
    selections: Sequence[Mapping[str, Any]],
    healths: Sequence[Mapping[str, Any]],
) -> list[Finding]:
    """Return the findings about all replicates' synthetic sets.

    figures: each quality figure, averaged over replicates. selections, healths: each replicate's selection.json and
    health.json.
    """
    names = {finding["name"] for health in healths for finding in health["findings"]}
    diversity = float(np.mean([health["figures"]["diversity"] for health in healths]))
    findings = [_rejected(selections), _copied(selections), _lacks_variety(figures, diversity, names)]
    return [finding for finding in findings if finding is not None]


def _rejected(selections: Sequence[Mapping[str, Any]]) -> Finding | None:
    classes = _mostly(selections, _total(selections, "rejected") - _total(selections, "rejected_as_copies"))
    if not classes:
        return None
    return Finding(
        "most candidates rejected",
        f"generate.policy rejected most candidates of {classes}: the GAN fails to generate these classes",
        "more train_gan.steps, or train_gan.balanced: true if they have few images",
    )


def _copied(selections: Sequence[Mapping[str, Any]]) -> Finding | None:
    classes = _mostly(selections, _total(selections, "rejected_as_copies"))
    if not classes:
        return None
    return Finding(
        "most candidates are near-copies",
        f"generate.drop_copies rejected most candidates of {classes}: the GAN repeats its training images",
        "train_gan.diffaugment, fewer train_gan.steps, or more real images (unlabelled ones help too)",
    )


def _total(selections: Sequence[Mapping[str, Any]], count: str) -> np.ndarray:
    """Return a count of selection.json, (K,), summed over replicates."""
    total: np.ndarray = np.sum([selection[count] for selection in selections], axis=0)
    return total


def _mostly(selections: Sequence[Mapping[str, Any]], rejected: np.ndarray) -> str:
    """Return the classes with most candidates rejected, each with the share; empty if there are none."""
    shares = rejected / np.maximum(_total(selections, "candidates"), 1)
    named = zip(selections[0]["classes"], shares, strict=True)
    return ", ".join(f"'{name}' ({share:.0%})" for name, share in named if share > REJECTED)


def recall_of(figures: Mapping[str, FigurePart]) -> tuple[float | None, float | None]:
    """Return the recall of synthetic images and that of new real images; None if it was not measured."""
    recall = figures.get("recall")
    return (None, None) if recall is None else (recall["synthetic"], recall["held_out"])


def _lacks_variety(figures: Mapping[str, FigurePart], diversity: float, said: Set[str]) -> Finding | None:
    synthetic, real = recall_of(figures)
    if synthetic is None or real is None or said & ALREADY_SAID:
        return None
    if synthetic >= LOW_RECALL * real or diversity >= LOW_DIVERSITY:
        return None
    return Finding(
        LACKS_VARIETY,
        f"recall is {synthetic:.2f} where new real images have {real:.2f}, and images of a class are only "
        f"{diversity:.0%} as far apart as real ones",
        MORE_VARIETY,
    )
