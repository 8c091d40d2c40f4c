"""How many extra labels the GAN's gain is equivalent to, and what the gain cost: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, inf, log
from typing import Any, Literal, NamedTuple

from ganaug.experiment.statistics import Estimate


class Point(NamedTuple):
    """The arm's gain over the reference if the reference is trained with this many labels."""

    labels_per_class: float
    """Labelled images per class of the reference, averaged over classes."""
    gain: Estimate


class LabelEquivalent(NamedTuple):
    """Extra labels per class that would make the reference as good as the arm; inf beyond the largest measured."""

    labels_per_class: float | None
    low: float | None
    high: float | None
    """All three are None if `unknown` is set."""
    largest_measured: float = 0.0
    """Extra labels per class of the arm with the most labels."""
    harmful: bool = False
    """Whether the arm is worse than the reference even without extra labels."""
    unknown: Literal["no arm with more labels", "one replicate"] | None = None
    """Why there is no label equivalent; None if there is one."""

    def as_dict(self) -> dict[str, float | None]:
        """Return plain values, rounded to 2 decimals; None if unknown or beyond the largest measured."""
        figures = {"labels_per_class": self.labels_per_class, "low": self.low, "high": self.high}
        return {name: None if value in (None, inf) else round(value, 2) for name, value in figures.items()}


def label_equivalent(curve: Sequence[Point], confidence_level: float) -> LabelEquivalent:
    """Return the number of extra labels per class that the reference would need to match the arm.

    curve: starts at the arm's own number of labels. The gain shrinks as the reference gets more labels; the label
    equivalent is where it reaches 0, and its interval holds the numbers of labels at which the gain does not differ
    significantly from 0 (inversion of the paired test). Between two points the gain is linear in the logarithm of the
    labels; an increase is attributed to chance and treated as no change.
    """
    if len({point.labels_per_class for point in curve}) < 2:
        return LabelEquivalent(None, None, None, unknown="no arm with more labels")
    points = sorted(curve, key=lambda point: point.labels_per_class)
    intervals = [point.gain.interval(confidence_level) for point in points]
    if intervals[0].low is None:
        return LabelEquivalent(None, None, None, unknown="one replicate")
    sizes = [point.labels_per_class for point in points]

    def extra_labels(gains: Sequence[float]) -> float:
        return max(labels_at_zero_gain(sizes, gains) - sizes[0], 0.0)

    return LabelEquivalent(
        labels_per_class=extra_labels([interval.mean for interval in intervals]),
        low=extra_labels([interval.low or 0.0 for interval in intervals]),
        high=extra_labels([interval.high or 0.0 for interval in intervals]),
        largest_measured=sizes[-1] - sizes[0],
        harmful=(intervals[0].high or 0.0) < 0,
    )


def labels_at_zero_gain(sizes: Sequence[float], gains: Sequence[float]) -> float:
    """Return the size at which the gain reaches 0: the first size if there is no gain, inf if some remains at the last.

    sizes: labels per class, ascending; gains: the gain at each of them.
    """
    gain = gains[0]
    if gain <= 0:
        return sizes[0]
    for size, next_size, measured in zip(sizes, sizes[1:], gains[1:], strict=False):
        next_gain = min(gain, measured)
        if next_gain <= 0:
            return exp(log(size) + gain / (gain - next_gain) * (log(next_size) - log(size)))
        gain = next_gain
    return inf


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
