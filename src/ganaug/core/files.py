"""Reads and writes JSON, CSV and folders, the same way everywhere."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

from ganaug.core.errors import InputError


def recreate_directory(folder: Path) -> Path:
    """Create `folder`, deleting anything already there, and return it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented UTF-8 JSON, with keys in the given order."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_rows(path: Path, rows: list[dict[str, float]]) -> None:
    """Write rows that share the same keys as CSV, with up to 6 decimal places."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: format_number(value) for name, value in row.items()} for row in rows)


def format_number(value: float) -> str:
    """Format a number for a table, with up to 6 decimal places and no trailing zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def read_rows(path: Path) -> list[dict[str, float]]:
    """Read a CSV file written by `write_rows`. Raises InputError if it does not exist."""
    with existing(path).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises InputError if it does not exist or is not valid JSON."""
    try:
        return json.loads(existing(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON ({error}); delete it and run `dvc repro`") from None


def existing(path: Path) -> Path:
    """Return `path`. Raises InputError if it does not exist."""
    if not path.exists():
        raise InputError(f"{path}: does not exist yet; run `dvc repro`")
    return path
