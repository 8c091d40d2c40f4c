"""The summary of a finished run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ganaug.core.errors import InputError
from ganaug.core.files import read_json


def read_summary(path: Path) -> Any:
    """Return results/summary.json. Raises InputError if it is missing or lacks what this version writes."""
    found = read_json(path)
    if "spread" not in found or isinstance(found.get("pretrained"), dict):
        raise InputError(f"{path}: written by an earlier version; run `dvc repro` to evaluate again")
    return found
