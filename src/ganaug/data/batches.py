"""Which training images are in which batch: a function of the step, so that a resumed run sees the same batches."""

from __future__ import annotations

from typing import Self

import numpy as np
import torch
from torch import Tensor

from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages, to_float


class Batches:
    """Shuffled passes over a data set, one after the other, cut into batches of equal size.

    Each pass shows every image once; a batch may reach from one pass into the next.
    """

    def __init__(self, size: int, batch_size: int, seed: int) -> None:
        """Deal `size` images into batches of `batch_size`; `seed` fixes the order."""
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self._passes: dict[int, np.ndarray] = {}

    def __getitem__(self, step: int) -> np.ndarray:
        """Return the indices (batch_size,) of the images in batch `step`, counted from 0."""
        places = np.arange(step * self.batch_size, (step + 1) * self.batch_size)
        rounds, offsets = np.divmod(places, self.size)
        chosen = [self._order(one)[offset] for one, offset in zip(rounds.tolist(), offsets, strict=True)]
        return np.array(chosen, dtype=np.int64)

    def _order(self, index: int) -> np.ndarray:
        if index not in self._passes:
            self._passes = {key: order for key, order in self._passes.items() if key == index - 1}
            self._passes[index] = numpy_generator(self.seed, f"pass/{index}").permutation(self.size)
        return self._passes[index]


class ClassBatches:
    """Batches in which classes have given frequencies, whatever number of images they have."""

    def __init__(self, labels: np.ndarray, weights: np.ndarray, batch_size: int, seed: int) -> None:
        """labels: (N,). weights: (K,), how often each class is to come, in any unit; 0 for a class without images."""
        self.by_class = [np.flatnonzero(labels == label) for label in range(len(weights))]
        self.edges = np.cumsum(weights) / np.sum(weights)
        self.batch_size, self.seed = batch_size, seed

    @classmethod
    def even(cls, images: LabelledImages, batch_size: int, seed: int) -> Self:
        """Return batches in which every class that has images comes equally often."""
        present = np.array([count > 0 for count in images.counts.values()], dtype=np.float64)
        return cls(images.labels, present, batch_size, seed)

    def __getitem__(self, step: int) -> np.ndarray:
        """Return the indices (batch_size,) of the images in batch `step`.

        Each class comes as often as its weight says, rounded up or down; images of a class with replacement.
        """
        randomness = numpy_generator(self.seed, f"batch/{step}")
        places = (np.arange(self.batch_size) + randomness.random()) / self.batch_size
        classes = randomness.permutation(np.searchsorted(self.edges, places, side="right"))
        return np.array([randomness.choice(self.by_class[label]) for label in classes], dtype=np.int64)


class ImageBatches:
    """Batches of labelled images, held as uint8 on one device."""

    def __init__(
        self,
        images: LabelledImages,
        batch_size: int,
        seed: int,
        device: torch.device | str = "cpu",
        *,
        balanced: bool = False,
    ) -> None:
        """Copy `images` to `device`. balanced: every class comes equally often, however many images it has."""
        self.batches = (
            ClassBatches.even(images, batch_size, seed) if balanced else Batches(len(images), batch_size, seed)
        )
        self.images = torch.from_numpy(np.array(images.images)).to(device)
        self.labels = torch.from_numpy(np.array(images.labels)).to(device)

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return images (N, C, H, W) in [-1, 1] and labels (N,) of batch `step`."""
        chosen = torch.from_numpy(self.batches[step]).to(self.images.device)
        return to_float(self.images[chosen]), self.labels[chosen]


class MixedBatches:
    """Batches that take a fixed number of images from each of several sources, one after the other."""

    def __init__(self, *sources: ImageBatches) -> None:
        self.sources = sources

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return images (N, C, H, W) in [-1, 1] and labels (N,) of batch `step`."""
        images, labels = zip(*(source[step] for source in self.sources), strict=True)
        return torch.cat(images), torch.cat(labels)
