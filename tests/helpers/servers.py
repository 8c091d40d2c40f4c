"""Servers on free ports, for tests: MLflow's, on SQLite or PostgreSQL, and one that serves a model."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(command: list[str], address: str, seconds: float = 120, **environment: str) -> Iterator[str]:
    """Run a server until the block ends; yield its address once it answers at `address`."""
    with tempfile.TemporaryFile("w+") as output:
        started = subprocess.Popen(
            command,
            env={**os.environ, **QUIET, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=tempfile.gettempdir(),
        )
        try:
            wait_for(address, started, output, seconds)
            yield address.rpartition("/")[0]
        finally:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGTERM)
            started.wait(30)


def wait_for(address: str, process: subprocess.Popen, output, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.5)
    output.seek(0)
    pytest.fail(f"{process.args} did not answer:\n{output.read()[-3000:]}")


@contextmanager
def mlflow_server(store: str, folder: Path) -> Iterator[str]:
    """Run MLflow's server on a database, with artifacts in `folder`; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", store, "--workers", "1"]
    command += ["--artifacts-destination", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}/health") as address:
        yield address


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'server.db'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run PostgreSQL, which refuses to run as root; yield its database's address."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not binaries and shutil.which("initdb") is None:
        pytest.skip("PostgreSQL is not installed")
    if find_spec("psycopg2") is None:
        pytest.skip("psycopg2 is not installed: pip install psycopg2-binary")
    user = unprivileged()
    as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    found = binaries[-1] if binaries else Path(shutil.which("initdb")).parent
    port = free_port()
    with tempfile.TemporaryDirectory() as place:
        if user is not None:
            os.chown(place, user.pw_uid, user.pw_gid)
        data = f"{place}/data"
        quiet = {"cwd": place, "check": True, "stdout": subprocess.DEVNULL, **as_user}
        subprocess.run(
            [found / "initdb", "-D", data, "-A", "trust", "-U", "ganaug", "-E", "UTF8", "--no-sync"], **quiet
        )
        options = f"-p {port} -k {place} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = f"{place}/log"
        subprocess.run([found / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"], **quiet)
        try:
            yield f"postgresql+psycopg2://ganaug@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([found / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)


def unprivileged() -> pwd.struct_passwd | None:
    """Return a user for programs that must not run as root; None if this process does not run as root."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    found = next((names[name] for name in ("postgres", "nobody") if name in names), None)
    return found or pytest.skip("no user but root to run PostgreSQL as")
