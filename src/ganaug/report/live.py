"""Live curves from a process of their own: however slow or dead a tracking server is, training does not wait for it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from ganaug.core.errors import InputError

DONE = "done"
PATIENCE = 30.0
"""Seconds that the end of a training waits for the last rows to arrive."""


@contextmanager
def live_gan(replicate: int) -> Iterator[Callable[[dict[str, float]], None]]:
    """Yield a listener that passes rows of a GAN's history on to MLflow.

    The run ends as FINISHED if the block does, else, also if this process is killed, as FAILED.
    """
    command = [sys.executable, "-m", "ganaug.report.live", str(replicate)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
    assert process.stdin is not None

    def tell(message: object) -> None:
        with suppress(OSError, ValueError):  # a listener that is gone is no reason to stop
            print(json.dumps(message), file=process.stdin, flush=True)

    try:
        yield tell
        tell(DONE)
    finally:
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()


def main(replicate: int) -> None:
    """Read rows from standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the training, whose end is the end of the input
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    from ganaug.report.tracking import LiveGan

    live, status = LiveGan(replicate), "FAILED"
    for line in sys.stdin:
        message = json.loads(line)
        if message == DONE:
            status = "FINISHED"
        else:
            live.add(message)
    live.close(status)


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except InputError as error:
        print(f"warning: no live curves: {error}", flush=True)
