"""Checks of the machine by `ganaug doctor`."""

import os
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

from ganaug.core.paths import Paths
from ganaug.runner.checks import machine
from ganaug.runner.checks.check import Check


def test_another_python_first_on_the_path_would_run_the_stages(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert machine.python().state == "ok"
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = machine.python()
    assert found.state == "fix"
    assert str(other) in found.found
    assert "activate" in found.remedy


def test_libraries_that_are_missing_or_too_old_are_named(monkeypatch):
    needs = ["no-such-library>=1", "numpy>=999", "torch>=2", "windows-only; sys_platform == 'win32'",
             "h5py>=999; extra == 'hdf5'", "ganaug[hdf5]; extra == 'dev'"]  # fmt: skip
    monkeypatch.setattr("importlib.metadata.requires", lambda _: needs)
    (found,) = (check for check in machine.libraries() if check.name == "libraries")
    assert found == Check(
        "libraries", "fix", "no-such-library>=1, numpy>=999", "pip install 'no-such-library>=1' 'numpy>=999'"
    )
    monkeypatch.setattr("importlib.metadata.metadata", lambda _: SimpleNamespace(get_all=lambda _: ["hdf5", "dev"]))
    assert machine.extras() == Check(
        "extras", "note", "installed: none; not installed: hdf5", "if needed: pip install 'ganaug[hdf5]'"
    )


def test_too_little_of_something_is_found(ganaug, tmp_path, monkeypatch):
    paths = Paths(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=2**30))
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=2**30, total=2**34))
    monkeypatch.setattr("ganaug.core.parallel.cores", lambda: 0)
    assert [machine.disk(paths).state, machine.memory().state, machine.cores(paths).state] == ["fix"] * 3
    assert machine.memory().found == "1.0 GiB of 16.0 GiB free"


def test_a_gpu_that_torch_cannot_use_is_found(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("ganaug.runner.slots.visible_gpus", lambda: ["0"])
    assert machine.gpu().state == "fix"
    monkeypatch.setattr("ganaug.runner.slots.visible_gpus", list)
    assert machine.gpu() == Check("GPU", "ok", "none; everything runs on the CPU")
