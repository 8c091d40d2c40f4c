"""Splits a machine's energy among stages that ran at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ganaug.experiment.summary.cost import costs_in


def energy_shared(costs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the costs of all stages, each with its share of the joules.

    Every stage measures the whole machine, so simultaneous measurements must not be added up. At each moment, the
    running stages get equal shares, so that all joules add up to what the machine used.

    costs: by stage, arm and replicate, each as the stage recorded it, with `ended` and `machine` if other stages may
    have run at the same time.
    """
    timed = [cost for cost in costs_in(costs) if "ended" in cost]
    own_time = {
        machine: _own_time([_span(cost) for cost in timed if cost["machine"] == machine])
        for machine in {cost["machine"] for cost in timed}
    }

    def share(part: Mapping[str, Any]) -> dict[str, Any]:
        if "seconds" not in part:
            return {name: share(inner) for name, inner in part.items()}
        cost = {name: value for name, value in part.items() if name not in ("ended", "machine")}
        if "ended" in part and "joules" in part and part["seconds"] > 0:
            seconds = own_time[part["machine"]](_span(part))
            cost["joules"] = round(part["joules"] * seconds / part["seconds"], 1)
        return cost

    return share(costs)


def _span(cost: Mapping[str, Any]) -> tuple[float, float]:
    """Return when a stage started and ended, in seconds since the epoch."""
    return cost["ended"] - cost["seconds"], cost["ended"]


def _own_time(spans: Sequence[tuple[float, float]]) -> Callable[[tuple[float, float]], float]:
    """Return a function from one of `spans` to its seconds, each divided by the number of spans that contain it."""
    moments = np.unique(spans)
    starts, ends = np.sort(spans, axis=0).T
    running = np.searchsorted(starts, moments[:-1], "right") - np.searchsorted(ends, moments[:-1], "right")
    shared = np.concatenate([[0.0], np.cumsum(np.diff(moments) / np.maximum(running, 1))])
    return lambda span: float(np.diff(np.interp(span, moments, shared))[0])
