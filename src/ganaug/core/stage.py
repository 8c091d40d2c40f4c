"""How every stage script starts: arguments, time, and plain words when something the user gave is wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from ganaug.core.energy import Meter
from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.paths import STAGE_SECONDS


def run(main: Callable[..., dict[str, float] | None], *, record: bool = True) -> None:
    """Call `main` with the command line's arguments, and write what it took to results/seconds if asked to.

    That is the process's seconds, and the machine's joules meanwhile where all its processors and GPUs tell.

    What `main` returns, if anything, are the seconds of its parts. An InputError ends the process with its message
    alone and status 1.
    """
    name = "@".join([Path(sys.argv[0]).stem, *sys.argv[1:]])
    try:
        with Meter() as meter:
            parts = main(*sys.argv[1:])
    except InputError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        sys.exit(1)
    if record:
        STAGE_SECONDS.mkdir(parents=True, exist_ok=True)
        taken: dict[str, Any] = {"seconds": round(time.time() - psutil.Process().create_time(), 2)}
        taken |= {} if meter.joules is None else {"joules": round(meter.joules, 1)}
        taken |= {"parts": parts} if parts else {}
        write_json(STAGE_SECONDS / f"{name}.json", taken)
