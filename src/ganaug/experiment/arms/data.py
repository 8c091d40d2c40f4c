"""Loads the data that one replicate's arms are trained on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from torch import nn

from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.data.images import UNLABELLED, LabelledImages
from ganaug.data.training_draws import per_class, take_per_class


@dataclass(frozen=True)
class ReplicateData:
    """The data that one replicate's arms can be trained on.

    Files are read on first use. Reading raises InputError if a file is missing.

    load_discriminator: returns the discriminator as a classifier, images → logits; None: arms cannot use it.
    """

    paths: Paths
    replicate: int
    load_discriminator: Callable[[], nn.Module] | None = None

    @cached_property
    def train(self) -> LabelledImages:
        """The limited training set."""
        return LabelledImages.load(self.paths.train(self.replicate))

    def with_more_labels(self, labels: int | str) -> LabelledImages:
        """Return `labels` labelled images per class, or "all" of the pool, including the limited training set.

        Raises InputError if a class has fewer images.
        """
        pool = LabelledImages.load(self.paths.pool)
        if labels == "all":
            return pool.subset(np.flatnonzero(pool.labels != UNLABELLED))
        wanted = per_class(labels, list(pool.counts.values()), pool.classes, "labels")
        order = _load_array(self.paths.order(self.replicate), "dvc repro prepare")
        return pool.subset(take_per_class(order, pool.labels, wanted))

    @cached_property
    def unlabelled(self) -> LabelledImages:
        """The pool's images outside the limited training set, without labels."""
        return LabelledImages.load(self.paths.unlabelled(self.replicate))

    @cached_property
    def ensemble_probabilities(self) -> np.ndarray:
        """The ensemble's mean class probabilities (N, K) of the unlabelled images."""
        return _load_array(self.paths.ensemble_probabilities(self.replicate), "dvc repro train_ensemble")

    @cached_property
    def other_domain(self) -> LabelledImages:
        """The images of another domain, with or without labels."""
        return LabelledImages.load(self.paths.other_domain)

    @cached_property
    def other_domain_probabilities(self) -> np.ndarray:
        """The ensemble's mean class probabilities (N, K) of the images of another domain."""
        return _load_array(self.paths.ensemble_probabilities_other_domain(self.replicate), "dvc repro train_ensemble")

    @cached_property
    def synthetic_images(self) -> LabelledImages:
        """The synthetic set."""
        return LabelledImages.load(self.paths.synthetic(self.replicate))

    @cached_property
    def soft_labels(self) -> np.ndarray | None:
        """Class probabilities (N, K), float32, of the synthetic images; None if they have labels only."""
        path = self.paths.synthetic(self.replicate) / "probabilities.npy"
        return _load_array(path, "dvc repro generate") if path.exists() else None

    @cached_property
    def discriminator(self) -> nn.Module:
        """The discriminator as a classifier: images (N, C, H, W) in [-1, 1] → logits (N, K)."""
        if self.load_discriminator is None:
            raise ValueError("this arm may not use the discriminator")
        return self.load_discriminator()


def _load_array(path: Path, command: str) -> np.ndarray:
    try:
        array: np.ndarray = np.load(path)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}); run `{command}` to create it") from None
    return array
