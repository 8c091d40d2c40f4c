"""Everything needed to reproduce the run: time, machine, code, libraries, data and parameters."""

from __future__ import annotations

import io
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ganaug import __version__
from ganaug.experiment.summary.pretrained_weights import described, started
from ganaug.report.finished import Finished
from ganaug.report.mlflow.runs.provenance import commit_of

LIBRARIES = ("torch", "torchvision", "pytorch-lightning", "numpy", "scipy", "scikit-learn", "dvc", "mlflow-skinny")


def context(run: Finished) -> dict[str, Any]:
    """Return what again.html shows. Time, machine and commit are the current ones."""
    commit = commit_of(run.paths.root)
    return {
        "facts": {
            "evaluated": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            "git commit": "none: this folder is not under git" if commit is None else f"{commit.number}{commit.note}",
            "ganaug": __version__,
            "Python": platform.python_version(),
            "libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
            "machine": machine(),
            "data": f"{run.summary['dataset']['name']}, SHA-256 of images and labels {run.card['source']['checksum']}",
            "seed": str(run.params.content.get("seed", 0)),
            **{f"weights of {started(part)}": described(part) for part in run.summary.get("pretrained", ())},
        },
        "commit": commit and commit.number,
        "parameters": as_yaml(run.params.content),
    }


def machine() -> str:
    """Describe the machine: system, cores, memory and GPUs."""
    import psutil
    import torch

    gpus = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    memory = psutil.virtual_memory().total / 2**30
    parts = [f"{platform.system()} {platform.machine()}", f"{os.cpu_count()} cores", f"{memory:.0f} GiB", *gpus]
    return ", ".join(parts) + ("" if gpus else ", no GPU")


def as_yaml(content: Mapping[str, Any]) -> str:
    """Return parameters as YAML, without comments."""
    from ruamel.yaml import YAML

    yaml, buffer = YAML(typ="rt"), io.StringIO()
    yaml.dump(dict(content), buffer)
    return buffer.getvalue()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
