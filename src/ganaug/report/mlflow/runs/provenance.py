"""Records the git commit and DVC's record of all files, which bring results back months later."""

from __future__ import annotations

import hashlib
import subprocess
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from ganaug import __version__
from ganaug.core.paths import Paths

COMMIT, CHANGED, LOCK = "git.commit", "git.changed", "dvc.lock"
"""Tags: the commit; whether tracked files differ from it; the digest of dvc.lock as it is attached."""
ATTACHED = ("params.yaml", "dvc.lock")
"""Attached files that say which data and models a run had."""


class Commit(NamedTuple):
    """The project's git commit."""

    number: str
    changed: bool
    """Whether tracked files differ from the commit. dvc.lock and params.yaml do not count: they are attached."""

    @property
    def note(self) -> str:
        """Remark to add after the number."""
        return ", with uncommitted changes" * self.changed


def commit_of(root: Path) -> Commit | None:
    """Return the commit that is checked out at `root`; None without git, or before the first commit."""
    number = git(root, "rev-parse", "HEAD")
    if number is None:
        return None
    changed = git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!*dvc.lock", ":!params.yaml")
    return Commit(number, bool(changed))


def git(root: Path, *command: str) -> str | None:
    """Return the output of a git command in the folder `root`; None if it fails, or without git."""
    try:
        done = subprocess.run(["git", *command], cwd=root, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def lock_before_evaluation(paths: Paths) -> str | None:
    """Return dvc.lock, DVC's record of every file of a run, without the stage `evaluate`; None if there is no dvc.lock.

    Results are published while `evaluate` runs: DVC's entry for it is then that of the previous run, or missing.
    """
    from ruamel.yaml import YAML

    if not paths.lock.exists():
        return None
    yaml, text = YAML(typ="safe"), StringIO()
    content = yaml.load(paths.lock)
    content["stages"].pop("evaluate", None)
    yaml.default_flow_style = False
    yaml.dump(content, text)
    return text.getvalue()


def digest(text: str) -> str:
    """Return a short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def provenance_tags(commit: Commit | None) -> dict[str, str]:
    """Return the tags that say which code made the results."""
    versions = {"ganaug.version": __version__}
    if commit is None:
        return versions
    return versions | {COMMIT: commit.number, CHANGED: str(commit.changed).lower()}


def how_to_get_back(run: str, commit: Commit | None) -> str:
    """Return how to get data, models and results of a run back into a project folder, as Markdown.

    run: its id. dvc.lock and params.yaml come from MLflow, so it does not matter whether they were committed. `dvc
    pull` is not used: it fails because dvc.lock has no entry for `evaluate`.
    """
    lines = [f"mlflow artifacts download --run-id {run} --artifact-path {name} --dst-path ." for name in ATTACHED]
    code = f"ganaug {__version__}"
    if commit is not None:
        lines.insert(0, f"git checkout {commit.number}")
        code = f"commit `{commit.number[:10]}`{commit.note}"
    lines += [
        "dvc fetch --run-cache     # if you have a remote",
        "dvc repro     # restores what was computed, and trains nothing",
    ]
    commands = "\n".join(lines)
    return (
        f"**To get data, models and results back** (made by {code}), in the project's folder, with MLFLOW_TRACKING_URI "
        f"set to where this run is:\n\n```\n{commands}\n```"
    )
