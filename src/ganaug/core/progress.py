"""Shows the progress of long-running work: a progress bar on a terminal, otherwise an occasional line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tqdm import tqdm

from ganaug.core.time_words import time_in_words

LINE_INTERVAL = 10.0
"""Seconds between progress lines when there is no terminal."""


class Progress:
    """Counts steps up to `total` and reports how many are done and how long the rest will take."""

    def __init__(self, title: str, total: int, start: int = 0) -> None:
        """Start at step `start` of `total`; every line begins with `title`."""
        self.title, self.total, self.done, self.start = title, total, start, start
        self.started_at = self.last_line_at = time.monotonic()
        self.bar = tqdm(total=total, initial=start, desc=title, leave=False) if sys.stderr.isatty() else None

    def step(self, done: int, note: str = "") -> None:
        """Report that `done` steps are complete, followed by `note`, such as the current loss."""
        advance, self.done = done - self.done, done
        if self.bar is not None:
            self.bar.set_postfix_str(note, refresh=False)
            self.bar.update(advance)
        elif time.monotonic() - self.last_line_at >= LINE_INTERVAL:
            self.last_line_at = time.monotonic()
            print(f"{self.title}: {done} of {self.total}{self._left()}  {note}".rstrip(), flush=True)

    def close(self) -> None:
        """Remove the bar and print a one-line summary."""
        if self.bar is not None:
            self.bar.close()
        done = f"{self.done} of {self.total}" if self.total else "done"  # a discriminator as classifier has no steps
        print(f"{self.title}: {done} in {time_in_words(self._elapsed())}", flush=True)

    def _left(self) -> str:
        """Return how long the rest will take; empty after the first step, in which libraries still load."""
        steps = self.done - self.start
        if steps <= 1 < self.total:
            return ""
        return f", about {time_in_words(self._elapsed() / steps * (self.total - self.done))} left"

    def _elapsed(self) -> float:
        return time.monotonic() - self.started_at


def with_offset(step: Callable[[int], None], offset: int) -> Callable[[int], None]:
    """Wrap the progress callback `step` for a part of the work that counts from 0 but starts at `offset`."""
    return lambda done: step(offset + done)
