"""How files and folders are written and read, everywhere the same."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

from ganaug.core.errors import InputError


def recreate_directory(folder: Path) -> Path:
    """Return `folder`, emptied or newly made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_json(path: Path, content: Any) -> None:
    """Write `content` for people and programs: indented, UTF-8, in the order given."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_rows(path: Path, rows: list[dict[str, float]]) -> None:
    """Write rows of equal keys as CSV, numbers with up to 6 digits after the point."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)


def plain(value: float) -> str:
    """Return a number as every table has it, with up to 6 digits after the point."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def read_rows(path: Path) -> list[dict[str, float]]:
    """Read what `write_rows` wrote. Raises InputError if it is not there."""
    with existing(path).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def read_json(path: Path) -> Any:
    """Read a result in JSON. Raises InputError if it is not there, or is none."""
    try:
        return json.loads(existing(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: cannot be read ({error}); remove it and run `dvc repro`") from None


def existing(path: Path) -> Path:
    """Return `path`. Raises InputError if there is no such file or folder."""
    if not path.exists():
        raise InputError(f"{path}: not there yet; run `dvc repro`")
    return path
