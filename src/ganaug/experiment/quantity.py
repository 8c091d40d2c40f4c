"""How the values of a metric, and differences between them, are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from ganaug.experiment.metrics import Metric

if TYPE_CHECKING:
    from ganaug.experiment.summary_types import EndsPart, QuantityPart, Results


class Quantity(NamedTuple):
    """A metric in words. Fractions are shown in percent and their differences in points, other figures as they are."""

    title: str
    """Such as "balanced accuracy"; Markdown."""
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
        """What a value is multiplied by before it is shown."""
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
        """Return a value, or with its sign a difference, without unit."""
        return f"{self.scale * value:{'+' if signed else ''}.{1 if self.in_points else 3}f}"

    def amount(self, difference: float) -> str:
        """Return a difference without its sign, with unit."""
        return self.number(abs(difference)) + self.unit

    def exact(self, difference: float) -> str:
        """Return a difference that was given, such as the smallest gain that matters, as it is, with unit."""
        return f"{self.scale * difference:g}{self.unit}"

    def interval(self, interval: EndsPart, *, signed: bool = False) -> str:
        """Return "96.1 [95.0, 97.2]": values, or with their signs differences, without unit."""
        mean, low, high = self.number(interval["mean"], signed=signed), interval["low"], interval["high"]
        if low is None or high is None:
            return mean
        return f"{mean} [{self.number(low, signed=signed)}, {self.number(high, signed=signed)}]"

    @property
    def unit(self) -> str:
        """What follows a difference: " points", or nothing."""
        return " points" if self.in_points else ""


BALANCED_ACCURACY = Quantity("balanced accuracy", "high", in_points=True)
