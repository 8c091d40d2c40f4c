"""A DVC project with stages that take no time; one of them always runs, like the stage that lists code."""

import json
from pathlib import Path
from typing import Any

STAGES: dict[str, dict[str, Any]] = {
    "list": {"cmd": "date +%N > list.txt", "always_changed": True, "outs": ["list.txt"]},
    "check": {"cmd": "cp params.yaml checked.txt", "deps": ["params.yaml", "list.txt"], "outs": ["checked.txt"]},
    "left": {"cmd": "cp checked.txt left.txt", "deps": ["checked.txt"], "outs": ["left.txt"]},
    "right": {"cmd": "cp checked.txt right.txt", "deps": ["checked.txt"], "outs": ["right.txt"]},
}


def make_pipeline(folder: Path) -> None:
    """Write the project's files to a folder that has a params.yaml."""
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text("[core]\n    no_scm = true\n    analytics = false\n")
    write_stages(folder)


def write_stages(folder: Path, **changes: dict[str, Any]) -> None:
    """Write dvc.yaml. changes: stage → changed entries, or all entries of a new stage."""
    stages = {name: STAGES.get(name, {}) | changes.get(name, {}) for name in {**STAGES, **changes}}
    (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}))  # JSON is YAML, too
