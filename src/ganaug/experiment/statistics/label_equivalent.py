"""Computes how many extra labels the GAN's gain is equivalent to: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log
from typing import Literal, NamedTuple

from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.summary.types import ExtraLabelsPart


class Point(NamedTuple):
    """The arm's gain over the reference if the reference is trained with this number of labels."""

    labels_per_class: float
    """The reference's labelled images per class, averaged over classes."""
    gain: Estimate


class LabelEquivalent(NamedTuple):
    """Extra labels per class that would make the reference as good as the arm; inf if beyond the largest measured."""

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

    def as_dict(self) -> ExtraLabelsPart:
        """Return plain values, rounded to 2 decimals; None if unknown or beyond the largest measured."""
        return {
            "labels_per_class": _rounded(self.labels_per_class),
            "low": _rounded(self.low),
            "high": _rounded(self.high),
        }


def _rounded(labels: float | None) -> float | None:
    return None if labels is None or labels == inf else round(labels, 2)


def label_equivalent(curve: Sequence[Point], confidence_level: float) -> LabelEquivalent:
    """Return the number of extra labels per class that the reference would need to match the arm.

    curve: starts at the arm's own number of labels. The gain shrinks as the reference gets more labels; the label
    equivalent is where it reaches 0, and its interval contains the numbers of labels at which the gain does not differ
    significantly from 0 (inversion of the paired test). Between two points, the gain is linear in the logarithm of the
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
    """Return the size at which the gain reaches 0: the first size if there is no gain, inf if the last still has one.

    sizes: labels per class, ascending. gains: the gain at each size.
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


def label_equivalent_sentence(equivalent: LabelEquivalent, confidence_level: float) -> str:
    """Return a sentence about how many extra labels the GAN's gain is equivalent to."""
    if equivalent.unknown == "one replicate":
        return "The label equivalent of the GAN is unknown: one replicate gives no interval."
    if equivalent.labels_per_class is None or equivalent.low is None or equivalent.high is None:
        return (
            "The label equivalent of the GAN is unknown: no arm has more labels and is otherwise like the reference. "
            "To measure it, add a copy of the reference with `labels: all` to `arms.baseline`."
        )
    if equivalent.harmful:
        return "Using the GAN is equivalent to no extra labels, because it does harm."
    most = f"more than {equivalent.largest_measured:.0f}"
    if equivalent.low == inf:
        return f"Using the GAN is equivalent to {most} extra labels per class, the largest number measured."
    about = f"about {equivalent.labels_per_class:.0f}" if equivalent.labels_per_class < inf else most
    high = f"{equivalent.high:.0f}" if equivalent.high < inf else most
    interval = f"{100 * confidence_level:g}% interval {equivalent.low:.0f} to {high}"
    return f"Using the GAN is equivalent to {about} extra labels per class ({interval})."
