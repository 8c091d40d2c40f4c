"""What the GAN was worth in labels, and what it cost: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, inf, log
from typing import Any, NamedTuple

from ganaug.experiment.statistics import Estimate


class Point(NamedTuple):
    """The reference's way of training with more labels."""

    labels: float
    """Labelled images a class, the mean over classes."""
    lead: Estimate
    """How much better the arm is, which has the fewer labels."""


def worth(curve: Sequence[Point], confidence: float) -> dict[str, Any]:
    """Return how many more labels a class the reference would need to be as good as the arm.

    curve: from the arm's own number of labels on. The lead shrinks with labels; where it is 0 the arm's worth lies, and
    the interval holds the numbers of labels for which the lead cannot be told from 0 (inversion of the paired test).
    Between two points the lead is a straight line in the logarithm of the labels; a lead that grows is chance, and
    taken for no change. `low` and `high` are None where the measured sizes do not reach so far; all three are None, and
    `sentence` says why, where there is nothing to tell.
    """
    if len({point.labels for point in curve}) < 2:
        return _told("It cannot be told how many labels the GAN was worth: no arm has more labels and is otherwise "
                     "like the reference, as a copy of it in arms.baseline with `labels: all`.")  # fmt: skip
    points = sorted(curve, key=lambda point: point.labels)
    sizes, start = [point.labels for point in points], points[0].labels
    intervals = [point.lead.interval(confidence) for point in points]
    if intervals[0].low is None:
        return _told("It cannot be told how many labels the GAN was worth: there is one replicate only.")
    middle = crossing(sizes, [interval.mean for interval in intervals]) - start
    low = crossing(sizes, [interval.low or 0.0 for interval in intervals]) - start
    high = crossing(sizes, [interval.high or 0.0 for interval in intervals]) - start
    most = sizes[-1] - start
    if low == inf:
        told = f"more than {most:.0f} more labelled images a class, the most that was measured"
    elif (intervals[0].high or 0.0) < 0:
        told = "less than no image: it did harm"
    else:
        about = f"about {middle:.0f}" if middle < inf else f"more than {most:.0f}"
        told = (
            f"{about} more labelled images a class [{low:.0f}, {f'{high:.0f}' if high < inf else f'over {most:.0f}'}]"
        )
    return {
        "labels_per_class": _finite(middle),
        "low": _finite(low),
        "high": _finite(high),
        "sentence": f"The GAN was worth {told}.",
    }


def crossing(sizes: Sequence[float], leads: Sequence[float]) -> float:
    """Return the size at which the lead is used up: the first if there is none, inf if some is left at the last."""
    left = leads[0]
    if left <= 0:
        return sizes[0]
    for before, after, lead in zip(sizes, sizes[1:], leads[1:], strict=False):
        now = min(left, lead)
        if now <= 0:
            return exp(log(before) + left / (left - now) * (log(after) - log(before)))
        left = now
    return inf


def cost(
    seconds: Mapping[str, Mapping[str, Any]], arm: str, reference: str, gain: float, *, shared: bool
) -> dict[str, Any]:
    """Return what the gain cost: seconds, and joules where the platform tells, of all replicates together.

    seconds: of each stage, as in results/seconds.json. gain: a share. The reference is a baseline arm. shared: whether
    it uses the ensemble too. Shared stages, such as preparing, count for neither side.
    """
    stages = ("train_gan", "generate") if shared else ("train_ensemble", "train_gan", "generate")
    made: dict[str, Any] = {}
    for unit in ("seconds", "joules"):
        gans, arms, references = (
            [part.get(unit) for part in parts]
            for parts in (
                [one for stage in stages for one in seconds[stage].values()],
                [seconds["train_augmented"][arm]],
                [seconds["train_baseline"][reference]],
            )
        )
        known = None not in (*gans, *arms, *references)
        made[unit] = {
            "gan": round(sum(gans), 2),
            "arm": round(sum(arms), 2),
            "reference": round(sum(references), 2),
            "per_point": round((sum(gans) + sum(arms) - sum(references)) / (100 * gain), 2) if gain > 0 else None,
        } if known else None  # fmt: skip
    return made


def _told(sentence: str) -> dict[str, Any]:
    return {"labels_per_class": None, "low": None, "high": None, "sentence": sentence}


def _finite(value: float) -> float | None:
    return round(max(value, 0.0), 2) if value < inf else None
