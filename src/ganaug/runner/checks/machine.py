"""Checks the machine: Python, libraries, processors, memory, disk and git."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.runner.checks.check import Check

LEAST_MEMORY, LEAST_DISK = 2 * 2**30, 5 * 2**30
"""Bytes: memory of one stage, with a margin; disk of a small experiment, with DVC's cache."""


def machine_checks(paths: Paths) -> Iterator[Check]:
    """Yield the results of the machine checks, which change nothing."""
    yield python()
    yield from libraries()
    yield extras()
    yield gpu()
    yield cores(paths)
    yield memory()
    yield disk(paths)
    yield git()


def python() -> Check:
    """Check that stages use this Python: DVC starts `python`."""
    found = f"{sys.version.split()[0]}, {sys.executable}"
    first = shutil.which("python")
    if first is None or Path(first).parent.resolve() != Path(sys.executable).parent.resolve():
        activate = Path(sys.executable).parent / "activate"
        return Check(
            "Python",
            "fix",
            f"{found}; but `python`, which DVC starts, is {first}",
            f"activate this environment: . {activate}",
        )
    return Check("Python", "ok", found)


def libraries() -> Iterator[Check]:
    """Check that all libraries that ganaug needs are installed, in the versions that it needs."""
    from importlib.metadata import version

    problems = _missing(None)
    if problems:
        upgrade = f"pip install {' '.join(repr(problem) for problem in problems)}"
        yield Check("libraries", "fix", ", ".join(problems), upgrade)
    else:
        shown = (f"{name} {version(name)}" for name in ("ganaug", "torch", "torchvision", "dvc", "mlflow-skinny"))
        yield Check("libraries", "ok", ", ".join(shown))
    try:
        import torchvision.ops  # noqa: F401
    except Exception as error:
        yield Check(
            "torchvision", "fix", f"does not match this torch: {error}", "install both from the same index: README.md"
        )


def extras() -> Check:
    """Say which of ganaug's extras are installed completely."""
    from importlib.metadata import metadata

    names = [name for name in metadata("ganaug").get_all("Provides-Extra") or () if name not in ("dev", "docs")]
    absent = [name for name in names if _missing(name)]
    present = ", ".join(name for name in names if name not in absent) or "none"
    if not absent:
        return Check("extras", "ok", present)
    return Check(
        "extras",
        "note",
        f"installed: {present}; not installed: {', '.join(absent)}",
        f"if needed: pip install 'ganaug[{absent[0]}]'",
    )


def _missing(extra: str | None) -> list[str]:
    """Return the requirements of ganaug, or of one of its extras, that are not met here."""
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    problems = []
    for text in requires("ganaug") or ():
        need = Requirement(text)
        if need.marker and not need.marker.evaluate({"extra": extra or ""}):
            continue
        if extra and not (need.marker and "extra" in str(need.marker)):
            continue
        try:
            if not need.specifier.contains(version(need.name), prereleases=True):
                problems.append(f"{need.name}{need.specifier}")
        except PackageNotFoundError:
            problems.append(f"{need.name}{need.specifier}")
    return problems


def gpu() -> Check:
    """Check that torch can use the GPUs."""
    import torch

    from ganaug.runner.slots import visible_gpus

    if torch.cuda.is_available():
        devices = [torch.cuda.get_device_properties(number) for number in range(torch.cuda.device_count())]
        return Check("GPU", "ok", ", ".join(f"{device.name}, {_gib(device.total_memory)}" for device in devices))
    if visible_gpus():
        built = torch.version.cuda or "without CUDA"
        return Check(
            "GPU",
            "fix",
            f"there is one, but torch {torch.__version__} (CUDA: {built}) cannot use it",
            "install a torch whose CUDA the driver supports (nvidia-smi shows which): https://pytorch.org/get-started",
        )
    return Check("GPU", "ok", "none; everything runs on the CPU")


def cores(paths: Paths) -> Check:
    """Check that there are enough CPU cores for the threads of a stage."""
    from ganaug.core.config import ParamsFile
    from ganaug.core.parallel import cores as count

    available = f"{count()} cores"
    try:
        threads = ParamsFile.load(paths.params).threads
    except InputError:  # `parameters` says what is wrong
        return Check("CPU", "ok", available)
    if threads > count():
        return Check(
            "CPU", "fix", f"{available}, but threads is {threads}", f"params.yaml: set threads to {count()} or less"
        )
    return Check("CPU", "ok", f"{available}, {threads} for each stage")


def memory() -> Check:
    """Check that enough memory is free now."""
    import psutil

    usage = psutil.virtual_memory()
    text = f"{_gib(usage.available)} of {_gib(usage.total)} free"
    if usage.available < LEAST_MEMORY:
        return Check("memory", "fix", text, "close other programs, or: ganaug run --jobs 1")
    return Check("memory", "ok", text)


def disk(paths: Paths) -> Check:
    """Check that there is enough free disk space where the project is."""
    free = shutil.disk_usage(paths.root.absolute()).free
    if free < LEAST_DISK:
        remedy = (
            "free some space; `dvc gc --workspace` permanently deletes all cached results except the current ones; "
            "--all-commits also keeps those of all commits"
        )
        return Check("disk", "fix", f"{_gib(free)} free", remedy)
    return Check("disk", "ok", f"{_gib(free)} free")


def git() -> Check:
    """Check that git is installed, which DVC's experiments need."""
    if shutil.which("git") is None:
        return Check("git", "note", "not installed", "needed only for `dvc exp`, `dvc metrics diff` and the like")
    return Check("git", "ok", subprocess.run(["git", "--version"], capture_output=True, text=True).stdout.split()[-1])


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"
