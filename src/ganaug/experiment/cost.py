"""What a gain cost, in seconds and joules: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def cost(
    seconds: Mapping[str, Mapping[str, Any]],
    arms: Sequence[str],
    references: Sequence[str],
    gain: float,
    *,
    reference_uses_ensemble: bool,
) -> dict[str, Any]:
    """Return what the gain cost, summed over replicates: seconds, and joules if the machine measures them.

    `per_point` is the extra cost of each 0.01 of gain.

    Several arms or references count as one: their costs are averaged. `jobs` is how many stages ran side by side at
    most: they shared the machine, and the joules of each are its share (`energy_shares.py`).

    seconds: of each stage, as in results/seconds.json. gain: not in points. references: baseline arms. If they use the
    ensemble too, the ensemble is not part of the GAN's cost. Shared stages, such as `prepare`, count for neither arm.
    """
    stages = ("train_gan", "generate") if reference_uses_ensemble else ("train_ensemble", "train_gan", "generate")
    own = ("try_shares", "train_augmented")
    without = {**seconds["train_baseline"], **seconds.get("train_informed", {})}
    parts = {
        "gan": [part for stage in stages for part in costs_in(seconds[stage])],
        "arm": [part for stage in own for arm in arms for part in costs_in(seconds[stage][arm])],
        "reference": [part for reference in references for part in costs_in(without[reference])],
    }
    several = {"gan": 1, "arm": len(arms), "reference": len(references)}
    costs: dict[str, Any] = {"jobs": max(part.get("jobs", 1) for part in costs_in(seconds))}
    for unit in ("seconds", "joules"):
        if any(part.get(unit) is None for some in parts.values() for part in some):
            costs[unit] = None
            continue
        total = {name: sum(part[unit] for part in some) / several[name] for name, some in parts.items()}
        extra = total["gan"] + total["arm"] - total["reference"]
        costs[unit] = {name: round(figure, 2) for name, figure in total.items()}
        costs[unit]["per_point"] = round(extra / (100 * gain), 2) if gain > 0 else None
    return costs


def costs_in(part: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every cost in a part of results/seconds.json: of one stage, of one arm or of one process."""
    return [part] if "seconds" in part else [cost for inner in part.values() for cost in costs_in(inner)]
