"""Computes what a gain cost, in seconds and joules: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ganaug.experiment.summary.types import CostPart, SpentPart


def cost(
    seconds: Mapping[str, Mapping[str, Any]],
    arms: Sequence[str],
    references: Sequence[str],
    gain: float,
    *,
    reference_uses_ensemble: bool,
) -> CostPart:
    """Return what the gain cost, summed over replicates: seconds, and joules if the machine measures them.

    `per_point` is the extra cost per 0.01 of gain. `jobs` is the largest number of stages that ran side by side: they
    shared the machine, and each stage's joules are its share (`energy_shares.py`).

    seconds: costs of each stage, as in results/seconds.json. arms, references: the costs of several arms or references
    are averaged, as if they were one. gain: a fraction, not in points. reference_uses_ensemble: if so, the ensemble is
    not part of the GAN's cost. Shared stages, such as `prepare`, count for neither side.
    """
    stages = ("train_gan", "generate") if reference_uses_ensemble else ("train_ensemble", "train_gan", "generate")
    of_arm = ("try_shares", "train_augmented")
    without = {**seconds["train_baseline"], **seconds.get("train_informed", {})}
    parts = {
        "gan": [part for stage in stages for part in costs_in(seconds[stage])],
        "arm": [part for stage in of_arm for arm in arms for part in costs_in(seconds[stage][arm])],
        "reference": [part for reference in references for part in costs_in(without[reference])],
    }
    counts = {"gan": 1, "arm": len(arms), "reference": len(references)}

    def spent(unit: str) -> SpentPart | None:
        if any(part.get(unit) is None for costs in parts.values() for part in costs):
            return None
        gan, arm, reference = (sum(part[unit] for part in costs) / counts[name] for name, costs in parts.items())
        return {
            "gan": round(gan, 2),
            "arm": round(arm, 2),
            "reference": round(reference, 2),
            "per_point": round((gan + arm - reference) / (100 * gain), 2) if gain > 0 else None,
        }

    jobs = max(part.get("jobs", 1) for part in costs_in(seconds))
    return {"jobs": jobs, "seconds": spent("seconds"), "joules": spent("joules")}


def costs_in(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every cost in a part of results/seconds.json, such as that of one stage, one arm or one process."""
    return [part] if "seconds" in part else [cost for inner in part.values() for cost in costs_in(inner)]
