"""MLflow's database in a project's folder: there as a whole, or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory


def make_database(path: Path) -> None:
    """Make a database of MLflow's with all its tables, unless there is one.

    MLflow takes seconds for them, and cannot go on from a part of them. So they are made elsewhere: whoever is killed
    meanwhile leaves no database, and of several processes at once the first one's is taken.
    """
    if path.exists():
        return
    from mlflow import MlflowClient

    with TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        made, whole = Path(folder) / "made.db", Path(folder) / "whole.db"
        MlflowClient(f"sqlite:///{made.absolute()}").search_experiments()
        shutil.copy(made, whole)  # MLflow keeps the other one open
        with suppress(FileExistsError):
            _link(whole, path)


def _link(file: Path, path: Path) -> None:
    """Give a file a second name. Raises FileExistsError if there is one of that name."""
    try:
        os.link(file, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if not path.exists():
            file.rename(path)
