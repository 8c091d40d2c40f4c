"""Section `evaluate` of params.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from ganaug.config import PARAMS, read, read_replicates, settings


@settings
class Evaluate:
    """How the arms are compared."""

    reference: str | None = None
    """Arm that the others are compared with; None: the baseline arm with the best validation balanced accuracy."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """How often the intervals are to hold the true value."""


class Experiment(NamedTuple):
    """What was compared: names of arms, numbers of replicates."""

    replicates: tuple[int, ...]
    baseline: tuple[str, ...]
    augmented: tuple[str, ...]
    evaluate: Evaluate

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms, in the order of params.yaml."""
        return self.baseline + self.augmented


def read_experiment(path: Path = PARAMS) -> Experiment:
    """Read what evaluation has to know; it needs neither networks nor data sources."""
    return Experiment(
        replicates=read_replicates(path),
        baseline=tuple(read("arms.baseline", dict[str, Any], path)),
        augmented=tuple(read("arms.augmented", dict[str, Any], path)),
        evaluate=read("evaluate", Evaluate, path),
    )
