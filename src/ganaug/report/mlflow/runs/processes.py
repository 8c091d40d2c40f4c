"""Identifies the process that fills a run, so that a killed run is not taken for a running one."""

from __future__ import annotations

import os
import socket

PROCESS = "ganaug.process"
"""Tag of a run: the process that fills it."""

CLOCK = 2.0
"""Seconds by which two readings of a process's start time may differ."""


def this_process() -> str:
    """Return host, process id and start time of this process."""
    import psutil

    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"


def is_gone(process: str) -> bool:
    """Return whether a process, as named by `this_process`, ran on this machine and has ended."""
    import psutil

    host, *numbers = process.split(" ")
    if host != socket.gethostname():
        return False
    number, started = map(int, numbers)
    try:
        current = psutil.Process(number)
        return abs(current.create_time() - started) > CLOCK or current.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
