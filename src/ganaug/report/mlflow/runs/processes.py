"""Which process a run belongs to, so that one that was killed is not taken for a running one."""

from __future__ import annotations

import os
import socket

PROCESS = "ganaug.process"
"""Tag of a run: the process that fills it."""

CLOCK = 2.0
"""Seconds by which two readings of a process's start may differ."""


def this_process() -> str:
    """Return host, number and start of this process."""
    import psutil

    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"


def is_gone(process: str) -> bool:
    """Return whether a process, as `this_process` named it, was one of this machine and has ended."""
    import psutil

    host, *numbers = process.split(" ")
    if host != socket.gethostname():
        return False
    number, started = map(int, numbers)
    try:
        found = psutil.Process(number)
        return abs(found.create_time() - started) > CLOCK or found.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
