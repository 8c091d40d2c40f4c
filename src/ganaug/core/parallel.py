"""Spreads work over processes, and keeps the results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return the number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def jobs_at_once(threads: int, gpus: int = 0, gpus_per_job: int = 1) -> int:
    """Return how many jobs the machine can serve at full speed, at least 1.

    Without GPUs, each job has `threads` of the cores to itself; otherwise, `gpus_per_job` of the `gpus`.
    """
    return max(1, gpus // gpus_per_job if gpus else cores() // threads)


def in_processes(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield `function(item)` for each item, in order, computed by as many processes as there are cores.

    Only a few items and results are in memory at a time. `function`, items and results must be picklable. With one
    core, everything happens in this process. The first error that `function` raises is raised here.
    """
    workers = cores()
    if workers == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[R]] = deque()
    with ProcessPoolExecutor(workers) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
