"""Estimates how long stages take, from those that have run, and how long the rest of a run will take."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from statistics import fmean

from ganaug.runner.graph import Parents


def family(stage: str) -> str:
    """Return the stage's name without its replicate and arm."""
    return stage.partition("@")[0]


class Durations:
    """Seconds that stages take."""

    def __init__(self, earlier: Mapping[str, list[float]]) -> None:
        """Start with the seconds that stages of each family took in an earlier run."""
        self.earlier, self.now = dict(earlier), dict[str, list[float]]()

    def add(self, stage: str, seconds: float) -> None:
        """Record a stage's duration in this run, which replaces those of its family from earlier runs."""
        self.now.setdefault(family(stage), []).append(seconds)

    def expected(self, stages: Iterable[str]) -> dict[str, float]:
        """Return the mean duration of each stage's family, leaving out stages whose family has never run."""
        recorded = self.earlier | self.now
        return {stage: fmean(recorded[family(stage)]) for stage in stages if family(stage) in recorded}

    def left(self, waiting: Parents, running: Mapping[str, float], slots: int) -> float | None:
        """Return the seconds until all stages are done, or None if the family of one of them has never run.

        waiting: stages that have not started. running: stage → seconds since its start. slots: how many can run side by
        side.
        """
        expected = self.expected((*waiting, *running))
        if len(expected) < len(waiting) + len(running):
            return None
        ends = [(max(expected[stage] - elapsed, 0.0), stage) for stage, elapsed in running.items()]
        heapq.heapify(ends)
        now, todo, unfinished = 0.0, dict(waiting), {*waiting, *running}
        while unfinished:
            for stage in by_urgency(todo, expected):
                if len(ends) < slots and not todo[stage] & unfinished:
                    del todo[stage]
                    heapq.heappush(ends, (now + expected[stage], stage))
            now, done = heapq.heappop(ends)
            unfinished.remove(done)
        return now


def by_urgency(waiting: Parents, seconds: Mapping[str, float]) -> list[str]:
    """Return the stages, the one with the longest path to the end first. Unknown durations count as one second."""
    longest = dict.fromkeys(waiting, 0.0)
    for stage in reversed(list(waiting)):
        longest[stage] += seconds.get(stage, 1.0)
        for parent in waiting[stage] & longest.keys():
            longest[parent] = max(longest[parent], longest[stage])
    return sorted(waiting, key=lambda stage: -longest[stage])
