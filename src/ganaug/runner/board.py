"""Displays the progress of a run: stages done, running and waiting, what they do, and the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ganaug.core.progress import LINE_INTERVAL
from ganaug.core.time_words import time_in_words
from ganaug.runner.durations import Durations, family
from ganaug.runner.jobs import State

if TYPE_CHECKING:
    from rich.console import Console, Group

NAMES = 4
"""Number of running stages that are shown by name."""
BAR = 30
"""Width of the bar in characters."""


class Board:
    """Shows a State: on a terminal in a few lines that stay at the bottom, otherwise in an occasional line."""

    def __init__(
        self,
        total: int,
        durations: Durations,
        slots: int,
        purposes: Mapping[str, str] = {},
        console: Console | None = None,
    ) -> None:
        """Show the progress of `total` stages, up to `slots` of them side by side.

        purposes: family of stages → what they do. console: a terminal; None: standard error, if it is one.
        """
        self.total, self.durations, self.slots, self.purposes = total, durations, slots, purposes
        self.last_line_at = time.monotonic()
        self.introduced: set[str] = set()
        self.live = None
        if console is not None or sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live

            # without a refreshing thread: stages are forks of this process, and threads do not survive a fork
            terminal = console or Console(stderr=True, highlight=False, markup=False)
            self.live = Live(
                console=terminal, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self.live.start()

    def show(self, state: State) -> None:
        """Show this state; without a terminal, at most every LINE_INTERVAL seconds."""
        if self.live is not None:
            self.live.update(self.lines(state), refresh=True)
            return
        for kind in dict.fromkeys(map(family, state.running)):
            if kind not in self.introduced and kind in self.purposes:
                self.message(f"{kind}: {self.purposes[kind]}")
            self.introduced.add(kind)
        if time.monotonic() - self.last_line_at >= LINE_INTERVAL:
            self.last_line_at = time.monotonic()
            print(f"{len(state.done)} of {self.total} stages done; {self.text(state)}", flush=True)

    def text(self, state: State) -> str:
        """Return which stages run, how many wait, how many have failed, and how long the rest will take."""
        names = [f"{stage} {time_in_words(seconds)}" for stage, seconds in elapsed(state).items()]
        more = [f"{len(names) - NAMES} more"] if len(names) > NAMES else []
        parts = [f"running: {', '.join(names[:NAMES] + more)}"] if names else []
        parts += [f"{len(_waiting(state))} waiting"]
        parts += [f"{len(state.failed)} failed"] if state.failed else []
        left = self._left(state)
        return "; ".join(parts if left is None else [*parts, left])

    def lines(self, state: State) -> Group:
        """Return the same for a terminal: a bar, and one line for each of the first NAMES running stages."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        summary = f"{len(_waiting(state))} waiting" + (f", {len(state.failed)} failed" if state.failed else "")
        head = Table.grid(padding=(0, 2))
        bar = ProgressBar(self.total, len(state.done), BAR, complete_style="green", finished_style="green")
        head.add_row(f"{len(state.done)} of {self.total} stages", bar, summary, self._left(state) or "")
        body = Table.grid(padding=(0, 2))
        running = elapsed(state)
        for stage, seconds in list(running.items())[:NAMES]:
            body.add_row(f"  {stage}", time_in_words(seconds), self.purposes.get(family(stage), ""))
        if len(running) > NAMES:
            body.add_row(f"  {len(running) - NAMES} more")
        return Group(head, body)

    def message(self, text: str) -> None:
        """Print a line without disturbing the display."""
        if self.live is not None:
            self.live.console.print(text, soft_wrap=True)
        else:
            print(text, flush=True)

    def close(self) -> None:
        """Remove the display."""
        if self.live is not None:
            self.live.stop()

    def _left(self, state: State) -> str | None:
        seconds = self.durations.left(_waiting(state), elapsed(state), self.slots)
        return None if seconds is None else f"about {time_in_words(seconds)} left"


def elapsed(state: State) -> dict[str, float]:
    """Return the seconds since each running stage started."""
    now = time.monotonic()
    return {stage: now - start for stage, start in state.running.items()}


def _waiting(state: State) -> dict[str, frozenset[str]]:
    """Return the waiting stages, except those that a failed stage blocks."""
    blocked = state.blocked
    return {stage: parents for stage, parents in state.waiting.items() if stage not in blocked}
