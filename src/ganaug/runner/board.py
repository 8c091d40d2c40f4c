"""One overall display of a run: stages done, running and waiting, and the time left."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from ganaug.core.progress import LINE_INTERVAL
from ganaug.runner.durations import Durations
from ganaug.runner.jobs import State

NAMES = 4
"""Running stages that are shown by name."""


class Board:
    """Shows a State: as a progress bar on a terminal, otherwise as an occasional line."""

    def __init__(self, total: int, durations: Durations, slots: int) -> None:
        """Show the progress of `total` stages, up to `slots` of them side by side."""
        self.total, self.durations, self.slots = total, durations, slots
        self.last_line_at = time.monotonic()
        layout = "{n_fmt} of {total_fmt} stages |{bar:20}| {desc}"
        self.bar = tqdm(total=total, bar_format=layout, leave=False) if sys.stderr.isatty() else None

    def show(self, state: State) -> None:
        """Show this state, unless a line was printed a moment ago."""
        if self.bar is not None:
            self.bar.n = len(state.done)
            self.bar.set_description_str(self.text(state))
        elif time.monotonic() - self.last_line_at >= LINE_INTERVAL:
            self.last_line_at = time.monotonic()
            print(f"{len(state.done)} of {self.total} stages done; {self.text(state)}", flush=True)

    def text(self, state: State) -> str:
        """Return what runs, how many stages wait, what has failed, and how long the rest will take."""
        now, blocked = time.monotonic(), state.blocked
        elapsed = {stage: now - start for stage, start in state.running.items()}
        names = [f"{stage} {seconds:.0f} s" for stage, seconds in elapsed.items()]
        more = [f"{len(names) - NAMES} more"] if len(names) > NAMES else []
        waiting = {stage: parents for stage, parents in state.waiting.items() if stage not in blocked}
        parts = [f"running: {', '.join(names[:NAMES] + more)}"] if names else []
        parts += [f"{len(waiting)} waiting"]
        parts += [f"{len(state.failed)} failed"] if state.failed else []
        left = self.durations.left(waiting, elapsed, self.slots)
        return "; ".join(parts if left is None else [*parts, f"about {left:.0f} s left"])

    def message(self, text: str) -> None:
        """Print a line without disturbing the bar."""
        tqdm.write(text) if self.bar is not None else print(text, flush=True)

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()
