"""The rules by which figures of all arms are reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ganaug.experiment.comparison import ExperimentData
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.reported import Reported, reported
from ganaug.experiment.statistics import bonferroni


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What figures of all arms have in common."""

    settings: Evaluate
    data: ExperimentData
    metrics: Reported
    level: float
    """Confidence level of the verdict's interval, and of others that hold by themselves."""
    simultaneous: float
    """That of each arm's interval where the intervals of all gains hold at once."""

    @classmethod
    def of(cls, settings: Evaluate, data: ExperimentData, gains: int) -> Self:
        """Return the rules of an evaluation. gains: number of arms whose gain is reported."""
        level = settings.verdict_level(len(data.train_sets))
        return cls(
            settings=settings,
            data=data,
            metrics=reported(settings.metric),
            level=level,
            simultaneous=bonferroni(level, gains),
        )
