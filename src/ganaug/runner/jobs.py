"""Runs stages side by side, each as soon as the stages whose outputs it reads are done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from ganaug.runner.durations import Durations, by_urgency
from ganaug.runner.graph import Parents

Slot = Mapping[str, str]
"""A place for one stage: the environment variables that assign it devices."""
Start = Callable[[str, Slot], BaseProcess]
"""Starts a stage in a slot, as the leader of its own process group."""

REFRESH = 1.0
"""Longest time between two updates of the display, in seconds."""
GRACE = 20.0
"""Seconds that interrupted stages have to end on their own."""


@dataclass
class State:
    """The stages that are waiting, running, done or failed."""

    waiting: dict[str, frozenset[str]]
    """Stages that have not started, with the stages whose outputs they read."""
    running: dict[str, float] = field(default_factory=dict)
    """Stage → its start time on the monotonic clock, in seconds."""
    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def blocked(self) -> set[str]:
        """Stages that cannot run because a stage they depend on has failed."""
        blocked: set[str] = set()
        for stage, parents in self.waiting.items():
            if parents & {*self.failed, *blocked}:
                blocked.add(stage)
        return blocked

    def ready(self) -> list[str]:
        """Return the stages that can start now."""
        unfinished = {*self.waiting, *self.running, *self.failed}
        return [stage for stage, parents in self.waiting.items() if not parents & unfinished]


def run_jobs(
    parents: Parents,
    slots: Sequence[Slot],
    start: Start,
    durations: Durations,
    first: Collection[str] = (),
    show: Callable[[State], None] = lambda _: None,
) -> State:
    """Run all stages, as many at once as there are slots, and return their final state.

    A failure stops only the stages that depend on it. Ready stages start in order of urgency, those in `first` before
    all others. show: called regularly, and whenever a stage ends. If it raises, or on Ctrl-C, running stages are
    interrupted.
    """
    state = State(dict(parents))
    free, jobs = list(slots), dict[str, tuple[BaseProcess, Slot]]()
    try:
        while True:
            urgent = by_urgency(state.waiting, durations.expected(state.waiting))
            ready = set(state.ready())
            for stage in sorted((stage for stage in urgent if stage in ready), key=lambda stage: stage not in first):
                if not free:
                    break
                slot = free.pop(0)
                del state.waiting[stage]
                state.running[stage] = time.monotonic()
                jobs[stage] = start(stage, slot), slot
            show(state)
            if not jobs:
                return state
            wait([process.sentinel for process, _ in jobs.values()], timeout=REFRESH)
            for stage, (process, slot) in list(jobs.items()):
                if process.exitcode is None:
                    continue
                del jobs[stage]
                free.append(slot)
                durations.add(stage, time.monotonic() - state.running.pop(stage))
                (state.failed if process.exitcode else state.done).append(stage)
    finally:
        _stop([process for process, _ in jobs.values()])


def _stop(processes: Sequence[BaseProcess]) -> None:
    """Interrupt processes and everything they have started, as Ctrl-C would, and wait until they have ended."""
    for number, patience in ((signal.SIGINT, GRACE), (signal.SIGKILL, None)):
        for process in processes:
            if process.exitcode is None and process.pid is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
        for process in processes:
            process.join(patience)
