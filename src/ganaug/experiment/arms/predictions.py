"""Saves and loads an arm's predictions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganaug.core.errors import InputError

NOTHING_TRIED = np.zeros((0, 0, 0, 0), np.float32)
"""The predictions of an arm that has no shares of synthetic images to choose from."""


@dataclass(frozen=True)
class Predictions:
    """Class probabilities, (S, N, K) float32 each, of the S classifiers of one arm in one replicate."""

    val: np.ndarray
    test: np.ndarray

    def save(self, folder: Path) -> None:
        """Write val.npy and test.npy."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "val.npy", self.val)
        np.save(folder / "test.npy", self.test)

    @classmethod
    def load(cls, folder: Path) -> Predictions:
        """Read the files that `save` wrote. Raises InputError if they cannot be read."""
        try:
            return cls(np.load(folder / "val.npy"), np.load(folder / "test.npy"))
        except (OSError, EOFError, ValueError) as error:
            raise InputError(
                f"{folder}: predictions cannot be read ({error}); run `dvc repro` to create them"
            ) from None
