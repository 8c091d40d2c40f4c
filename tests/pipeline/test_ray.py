"""Stages that run as jobs of a Ray cluster, a head and a worker on this machine, give the same results as without."""

import shutil
import socket
import subprocess
import time
import urllib.request
from urllib.error import URLError

import pytest
from project import Project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ray") is None, reason="Ray is not installed: pip install 'ray[default]'"),
]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def address():
    """The address of a cluster that takes jobs."""
    port, dashboard = free_port(), free_port()
    common = ["ray", "start", "--block", "--num-cpus=1", "--disable-usage-stats"]
    head = subprocess.Popen([*common, "--head", f"--port={port}", f"--dashboard-port={dashboard}"])
    url = f"http://127.0.0.1:{dashboard}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{url}/api/version", timeout=5)
            break
        except (URLError, OSError):
            time.sleep(1)
    worker = subprocess.Popen([*common, f"--address=127.0.0.1:{port}"])
    yield url
    for process in (worker, head):
        process.terminate()
        process.wait(60)


def test_the_results_are_those_of_this_machine(address, tmp_path):
    here, there = Project(tmp_path / "here"), Project(tmp_path / "there", cold=True)
    here.repro()
    needed = ("PATH", "PYTHONPATH")
    variables = " ".join(f"{name}={there.environment[name]}" for name in needed)
    launch = f"ray job submit --address {address} -- env -C {there.folder} {variables}"
    there.call("ganaug", "run", "--jobs", "2", GANAUG_LAUNCH=launch)
    assert there.results() == here.results()
