"""Starts Python scripts without waiting for their imports: a server imports the large libraries once, and forks.

    python -P ganaug/runner/warm.py SOCKET             the server; it ends when its standard input does
    python -P ganaug/runner/warm.py SOCKET COMMAND…    runs `[env NAME=VALUE…] python SCRIPT ARGUMENTS…` as its fork

The client passes on its standard streams, its folder and its environment, and ends with the script's exit status. If it
is killed, the script is interrupted. A script sees what it would see if started alone, except that libraries are
already loaded: settings that they read from the environment on loading, such as OMP_NUM_THREADS, are the server's.
Linux only.

This file imports nothing from ganaug, so that each script imports all of it anew.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys

TYPE_CHECKING = False  # importing typing takes as long as all of the above
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

LIBRARIES = ("torch", "torchvision.transforms.v2", "sklearn.metrics", "scipy.stats", "pytorch_lightning")
"""Libraries that take stages seconds to import."""
LARGEST_REQUEST = 1 << 20
"""Bytes; an environment has a few thousand."""
GRACE = 10.0
"""Seconds that an interrupted script has to end on its own."""


def serve(path: str) -> int:
    """Import the libraries, then run every script that a client asks for, until standard input ends.

    Each script runs in its own process, and another process waits for it: this function returns in the server and in
    every script's process, with the exit status.
    """
    import importlib
    import signal
    import warnings

    # Python 3.12 and later warn at every fork; the libraries' threads are idle, and no lock of theirs is held here
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(128)  # from now on clients can connect, and wait
    for library in LIBRARIES:
        importlib.import_module(library)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the processes that wait for scripts end on their own
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return 0
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listener.close()
            return _attend(connection)
        connection.close()


def _attend(connection: socket.socket) -> int:
    """Start the script that a client asks for, wait for it and tell the client its exit status."""
    import signal

    request, streams, _, _ = socket.recv_fds(connection, LARGEST_REQUEST, 3)
    script = os.fork()
    if script == 0:
        connection.close()
        return _run(json.loads(request), streams)
    for stream in streams:
        os.close(stream)
    ended = os.pidfd_open(script)
    over = ended in select.select([ended, connection.fileno()], [], [])[0]
    for number in (signal.SIGINT, signal.SIGKILL):
        if not over:  # the client is gone
            os.killpg(script, number)
            over = bool(select.select([ended], [], [], GRACE)[0])
    status = os.waitstatus_to_exitcode(os.waitpid(script, 0)[1])
    with contextlib.suppress(OSError):  # the client may be gone
        connection.sendall(str(status if status >= 0 else 128 - status).encode())  # as a shell reports signals
    os._exit(0)  # without the server's clean-up


def _run(request: dict[str, Any], streams: list[int]) -> int:
    """Turn this process into the script."""
    import runpy
    import signal

    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the process that started the server may have ignored it
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    python = request["command"].index("python")
    os.environ.update(word.split("=", 1) for word in request["command"][1:python])
    sys.argv = request["command"][python + 1 :]
    folder = os.path.dirname(os.path.abspath(sys.argv[0]))  # noqa: PTH100, PTH120
    sys.path[:0] = [folder, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    runpy.run_path(sys.argv[0], run_name="__main__")
    return 0


@contextlib.contextmanager
def server(path: Path, program: str = __file__, **environment: str) -> Iterator[str]:
    """Run a server at `path`, and yield the prefix that runs a command as a fork of it.

    program: the file that is run as the server; another file can import more, and then run this one.
    """
    import shlex
    import subprocess
    import time

    process = subprocess.Popen(
        [sys.executable, "-P", program, str(path)],
        stdin=subprocess.PIPE,
        env=os.environ | environment,
        start_new_session=True,  # so that Ctrl-C does not reach it
    )
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)
    try:
        yield shlex.join([sys.executable, "-IS", __file__, str(path)])
    finally:
        process.communicate()  # closes its input, which ends it


def request(path: str, command: list[str]) -> int:
    """Have the server at `path` run a command, and return its exit status."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(path)
    asked = {"command": command, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
    socket.send_fds(connection, [json.dumps(asked).encode()], [0, 1, 2])
    try:
        status = connection.recv(16)
    except KeyboardInterrupt:
        return 130
    return int(status) if status else 1  # without an answer, the server has been killed


if __name__ == "__main__":
    sys.exit(request(sys.argv[1], sys.argv[2:]) if sys.argv[2:] else serve(sys.argv[1]))
