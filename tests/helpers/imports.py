"""Finds out which packages a command imports."""

import subprocess
import sys

HEAVY = {
    "torch",
    "torchvision",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "matplotlib",
    "mlflow",
    "dvc",
    "pytorch_lightning",
}
"""Packages that take tenths of a second, or seconds, to import."""


def imported_by(*arguments: str, module: str | None = None) -> set[str]:
    """Return the top-level packages that a `ganaug` command imports, in a new process in this folder.

    module: only import this module instead.
    """
    what = ["-m", "ganaug", *arguments] if module is None else ["-c", f"import {module}"]
    command = [sys.executable, "-X", "importtime", *what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    output = [line for line in lines if not line.startswith("import time:")]
    assert done.returncode == 0, (done.stdout, output)
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines if "|" in line}
