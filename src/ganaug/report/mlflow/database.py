"""Creates MLflow's database in a project's folder, which is then complete or absent, never partial."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory


def make_database(path: Path) -> None:
    """Create MLflow's database with all its tables, unless it exists.

    MLflow takes seconds to create the tables, and cannot resume when only some of them exist. So they are created
    elsewhere: a process that is killed meanwhile leaves no database, and if several processes create one at once, the
    first to finish keeps its own.
    """
    if path.exists():
        return
    from mlflow import MlflowClient

    with TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        made, whole = Path(folder) / "made.db", Path(folder) / "whole.db"
        MlflowClient(f"sqlite:///{made.absolute()}").search_experiments()
        shutil.copy(made, whole)  # MLflow keeps made.db open
        with suppress(FileExistsError):
            _link(whole, path)


def _link(file: Path, path: Path) -> None:
    """Make `path` a second name of `file`. May raise FileExistsError if `path` exists."""
    try:
        os.link(file, path)
    except FileExistsError:
        raise
    except OSError:  # the file system has no hard links
        if not path.exists():
            file.rename(path)
