"""Finds the GAN that a command uses."""

from __future__ import annotations

from pathlib import Path

from ganaug.core.paths import Paths


def gan_folder(paths: Paths, given: str | None) -> Path:
    """Return the folder of the GAN `given`, downloaded if it is in MLflow. None: the first replicate's GAN."""
    if given is None:
        from ganaug.core.config import ParamsFile

        return paths.gan(ParamsFile.load(paths.params).replicates[0])
    if ":/" in given:
        from ganaug.report.mlflow.tracking import download

        return download(given, paths)
    return Path(given)
