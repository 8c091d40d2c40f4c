"""How files and folders are written, everywhere the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any


def fresh(folder: Path) -> Path:
    """Return `folder`, emptied or newly made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_json(path: Path, content: Any) -> None:
    """Write `content` for people and programs: indented, UTF-8, in the order given."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
