"""What git keeps out of the repository."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("data/raw/mine/a/1.png", True),
        ("data/raw/mine.dvc", False),  # or `dvc add data/raw/mine` would be refused, and `dvc push` carry nothing
        ("data/raw/.gitignore", False),
        ("data/prepared/card.json", True),
        ("models/gan/0/generator.safetensors", True),
        ("params.yaml", False),
        ("dvc.lock", False),
    ],
)
def test_results_and_raw_data_are_ignored_but_not_what_versions_them(tmp_path, path, ignored):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    done = subprocess.run(["git", "check-ignore", "-q", path], cwd=tmp_path, check=False)
    assert (done.returncode == 0) == ignored
