"""Progress of long work: a bar on a terminal, a line now and then without one."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from tqdm import tqdm

LINE_EVERY = 10.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """Counts up to `total` and tells what is done and how long the rest will take."""

    def __init__(self, title: str, total: int, start: int = 0) -> None:
        """Begin at `start` of `total`; `title` stands before each line."""
        self.title, self.total, self.done, self.first = title, total, start, start
        self.began = self.told = time.monotonic()
        self.bar = tqdm(total=total, initial=start, desc=title, leave=False) if sys.stderr.isatty() else None

    def step(self, done: int, note: str = "") -> None:
        """Say that `done` are done by now; `note` holds figures of interest."""
        advance, self.done = done - self.done, done
        if self.bar is not None:
            self.bar.set_postfix_str(note, refresh=False)
            self.bar.update(advance)
        elif time.monotonic() - self.told >= LINE_EVERY:
            self.told = time.monotonic()
            rest = self._elapsed() / max(1, done - self.first) * (self.total - done)
            print(f"{self.title}: {done} of {self.total}, about {rest:.0f} s left  {note}".rstrip(), flush=True)

    def close(self) -> None:
        """Take the bar away and say in one line what was done."""
        if self.bar is not None:
            self.bar.close()
        done = f"{self.done} of {self.total}" if self.total else "done"  # a discriminator needs no training
        print(f"{self.title}: {done} in {self._elapsed():.0f} s", flush=True)

    def _elapsed(self) -> float:
        return time.monotonic() - self.began


def shifted(step: Callable[[int], None], by: int) -> Callable[[int], None]:
    """Return `step`, which is told how much is done, for a part of the work that counts from 0 and begins at `by`."""
    return lambda done: step(by + done)
