"""Lists the metrics that a run reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ganaug.core.plugins import available, find, name_of
from ganaug.experiment.metrics import Metric

PACKAGE = "experiment.metrics"


class Reported(NamedTuple):
    """The metrics of a run."""

    whole: tuple[Metric, ...]
    """The metric that decides the verdict, then every metric of all classes; no key occurs twice."""
    of_one: tuple[type[Metric], ...]
    """Per-class metrics, which are reported for each class."""

    def by_class(self, classes: Sequence[str]) -> dict[str, dict[str, Metric]]:
        """Return the per-class metrics: by name, then by class."""
        return {str(name_of(kind)): {name: kind(of_class=name) for name in classes} for kind in self.of_one}


def reported(deciding: Metric) -> Reported:
    """Return every metric with its default options, and `deciding` as it is."""
    kinds: list[type[Metric]] = [find(PACKAGE, name) for name in available(PACKAGE)]
    defaults = [kind() for kind in kinds if kind.classes != "one"]
    whole = {metric.key: metric for metric in [deciding, *defaults]} | {deciding.key: deciding}
    return Reported(tuple(whole.values()), tuple(kind for kind in kinds if kind.classes == "one"))
