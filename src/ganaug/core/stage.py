"""Runs a stage script: prints its number and purpose, passes its arguments, records its cost, reports invalid input."""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ganaug.core.errors import InputError
from ganaug.core.files import read_json, write_json
from ganaug.core.paths import HERE, Paths

Main = Callable[..., None]
"""A stage: takes the project's paths and the command-line arguments."""


def run(main: Main, *, record: bool = True, paths: Paths = HERE) -> None:
    """Print which stage this is and what it does, call `main` with paths and arguments, and record what that cost.

    The first line of the script's docstring says what the stage does.

    The record holds the seconds since the process started, and the joules that the machine used, if all of its CPUs and
    GPUs report them. Stages that run side by side share the joules; the record then also holds their number, the time
    at which this stage ended, in seconds since the epoch, and a hash of the machine's name. record: False for stages
    whose cost is of no interest.

    Ends the process. On an InputError, it prints only its message and exits with status 1.
    """
    about = sys.modules[main.__module__].__doc__
    if about:  # DVC's own line is only the command
        print(_place(paths) + about.partition("\n")[0], flush=True)
    try:
        if record:
            _record(main, paths)
        else:
            main(paths, *sys.argv[1:])
    except InputError as error:
        print(f"\nerror: {error.shown}", file=sys.stderr)
        leave(1)
    leave(0)


def _name() -> str:
    """Return the script's name and its arguments, joined by @."""
    return "@".join([Path(sys.argv[0]).stem, *sys.argv[1:]])


def _place(paths: Paths) -> str:
    """Return this stage's number among all stages, including those that DVC skips; empty if it is not listed."""
    stages = read_json(paths.stages) if paths.stages.exists() else []
    return f"stage {stages.index(_name()) + 1} of {len(stages)}: " if _name() in stages else ""


def leave(status: int) -> NoReturn:
    """End the process as Python does, but without tearing down objects first, which takes seconds with torch."""
    threading._shutdown()  # type: ignore[attr-defined]  # joins threads, after telling idle pools to stop
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _record(main: Main, paths: Paths) -> None:
    import psutil

    from ganaug.core.energy import Meter

    with Meter() as meter:
        main(paths, *sys.argv[1:])
    cost: dict[str, Any] = {"seconds": round(time.time() - psutil.Process().create_time(), 2)}
    cost |= {} if meter.joules is None else {"joules": round(meter.joules, 1)}
    jobs = int(os.environ.get("GANAUG_JOBS", "1"))
    if jobs > 1:
        machine = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
        cost |= {"jobs": jobs, "ended": round(time.time(), 2), "machine": machine}
    path = paths.stage_seconds(_name())
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, cost)
