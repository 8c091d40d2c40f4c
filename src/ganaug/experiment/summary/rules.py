"""Rules for reporting the figures of all arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from ganaug.experiment.comparison import ExperimentData
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.statistics.estimate import bonferroni
from ganaug.experiment.summary.reported_metrics import Reported, reported


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Settings, data, metrics and confidence levels for the figures of all arms."""

    settings: Evaluate
    data: ExperimentData
    metrics: Reported
    level: float
    """Confidence level of the verdict's interval, and of other intervals that hold by themselves."""
    simultaneous: float
    """Confidence level of each arm's interval where the intervals of all gains hold at once."""

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
