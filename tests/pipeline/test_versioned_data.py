"""Raw data and results travel with DVC: after clone and pull there is nothing left to run."""

import re
import shutil

import numpy as np
import pytest
from project import ROOT, Project


@pytest.mark.slow
def test_a_clone_that_pulls_runs_nothing(tmp_path):
    made = Project(tmp_path / "made")
    shutil.copy(ROOT / ".gitignore", made.folder)
    made.call("dvc", "config", "--local", "--unset", "core.no_scm")
    for command in ("init -q", "config user.name A", "config user.email a@example.com"):
        made.call("git", *command.split())
    labels = np.arange(80) % 2
    images = np.random.default_rng(0).integers(0, 128, (80, 8, 8), np.uint8) + (labels * 100)[:, None, None].astype(
        np.uint8
    )
    np.savez(made.folder / "data/raw/mine.npz", images=images, labels=labels)
    made.call("dvc", "add", "data/raw/mine.npz")
    made.edit(prepare__source={"name": "npz"}, prepare__path="data/raw/mine.npz")
    made.call("dvc", "repro")
    made.call("dvc", "remote", "add", "-d", "store", str(tmp_path / "store"))
    made.call("dvc", "push")
    made.call("git", "add", ".")
    made.call("git", "commit", "-qm", "all")
    tracked = made.call("git", "ls-files").splitlines()
    assert {"data/raw/mine.npz.dvc", "dvc.lock", "pipeline/dvc.lock"} <= set(tracked)
    assert not any(name.endswith(".npz") for name in tracked)

    made.call("git", "clone", "-q", str(made.folder), str(tmp_path / "clone"))
    made.folder = tmp_path / "clone"
    made.environment["PYTHONPATH"] = str(made.folder / "src")
    made.call("dvc", "pull")
    assert re.findall(r"Running stage '(.*?)'", made.call("dvc", "repro")) == ["pipeline/dvc.yaml:list_code"]
    assert (made.folder / "results/report.html").exists()
