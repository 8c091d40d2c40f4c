"""A project folder with an empty MLflow store, for tests of what is logged."""

import shutil
from pathlib import Path

import numpy as np

from ganaug.core.config import ParamsFile
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.report.tracking import Configuration, Store, connect, read_configuration

TINY = Path(__file__).parents[1] / "tiny_params.yaml"


def project(folder: Path) -> Paths:
    """Make a project folder with parameters and a prepared test set."""
    paths = Paths(folder)
    shutil.copy(TINY, paths.params)
    labelled("x").save(paths.test)
    return paths


def labelled(source: str) -> LabelledImages:
    return LabelledImages(np.zeros((2, 1, 8, 8), np.uint8), np.array([0, 1]), ("a", "b"), {"name": source})


def configuration(paths: Paths) -> Configuration:
    return read_configuration(ParamsFile.load(paths.params), paths)


def store(paths: Paths) -> Store:
    return connect(configuration(paths), paths)


def rows(*steps: int) -> list[dict[str, float]]:
    """Return rows of a GAN's history."""
    return [{"step": step, "images": 16.0 * step, "d_real": 1.0 / step} for step in steps]


def logged(found: Store, run: str, name: str = "d_real") -> list[int]:
    """Return the steps of one of a run's curves."""
    return [metric.step for metric in found.client.get_metric_history(run, name)]
