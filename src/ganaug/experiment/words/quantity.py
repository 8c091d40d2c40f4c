"""Formats the values of a metric, and differences between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from ganaug.experiment.metrics import Metric

if TYPE_CHECKING:
    from ganaug.experiment.summary.types import EndsPart, QuantityPart, Results


class Quantity(NamedTuple):
    """A metric's name and format. Fractions are shown in percent, their differences in points, others as they are."""

    title: str
    """Name of the metric, such as "balanced accuracy"; Markdown."""
    better: Literal["high", "low"]
    in_points: bool

    @classmethod
    def of(cls, metric: Metric) -> Self:
        """Return the quantity that a metric measures."""
        return cls(metric.title, metric.better, metric.in_points)

    @classmethod
    def deciding(cls, results: Results) -> Self:
        """Return the quantity that decides the verdict."""
        return cls(**results["metrics"][results["metric"]])

    def as_dict(self) -> QuantityPart:
        """Return plain values."""
        return {"title": self.title, "better": self.better, "in_points": self.in_points}

    @property
    def scale(self) -> int:
        """Factor by which a value is multiplied before it is shown."""
        return 100 if self.in_points else 1

    @property
    def heading(self) -> str:
        """The title with the unit of values, for tables and axes."""
        return f"{self.title.replace('`', '')}{', %' if self.in_points else ''}"

    def gain_heading(self, reference: str) -> str:
        """Return the heading of gains over the arm `reference`, with their unit."""
        gain = "gain" if self.better == "high" else "gain (reduction)"
        return f"{gain} over {reference}{', points' if self.in_points else ''}"

    def number(self, value: float, *, signed: bool = False) -> str:
        """Return a value, or a difference with its sign (`signed`), without unit."""
        return f"{self.scale * value:{'+' if signed else ''}.{1 if self.in_points else 3}f}"

    def amount(self, difference: float) -> str:
        """Return a difference without its sign, with unit."""
        return self.number(abs(difference)) + self.unit

    def exact(self, difference: float) -> str:
        """Return a difference without rounding, such as the smallest gain that matters, with unit."""
        return f"{self.scale * difference:g}{self.unit}"

    def interval(self, interval: EndsPart, *, signed: bool = False) -> str:
        """Return values, such as "96.1 [95.0, 97.2]", or differences with their signs (`signed`), without unit."""
        mean, low, high = self.number(interval["mean"], signed=signed), interval["low"], interval["high"]
        if low is None or high is None:
            return mean
        return f"{mean} [{self.number(low, signed=signed)}, {self.number(high, signed=signed)}]"

    @property
    def unit(self) -> str:
        """Unit after a difference: " points", or empty."""
        return " points" if self.in_points else ""


BALANCED_ACCURACY = Quantity("balanced accuracy", "high", in_points=True)
