"""Chooses the training images of each batch as a function of the step, so that a resumed run sees the same batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from ganaug.core.rows import Rows
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages


class IndexBatches(Protocol):
    """A source of batches of image indices."""

    def __getitem__(self, step: int) -> np.ndarray:
        """Return the indices (batch_size,) int64 of the images in batch `step`, counted from 0."""


class Batches:
    """Shuffled passes over a data set, one after the other, cut into batches of equal size.

    Each pass shows every image once; a batch may span the end of one pass and the start of the next.
    """

    def __init__(self, size: int, batch_size: int, seed: int) -> None:
        """Cut passes over `size` images into batches of `batch_size`; `seed` fixes the order."""
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self._passes: dict[int, np.ndarray] = {}

    def __getitem__(self, step: int) -> np.ndarray:
        """Return the indices (batch_size,) of the images in batch `step`, counted from 0."""
        positions = np.arange(step * self.batch_size, (step + 1) * self.batch_size)
        passes, offsets = np.divmod(positions, self.size)
        chosen = [self._order(number)[offset] for number, offset in zip(passes.tolist(), offsets, strict=True)]
        return np.array(chosen, dtype=np.int64)

    def _order(self, number: int) -> np.ndarray:
        """Return the order (size,) of the images in pass `number`; keep the orders of at most two passes."""
        if number not in self._passes:
            self._passes = {key: order for key, order in self._passes.items() if key == number - 1}
            self._passes[number] = numpy_generator(self.seed, f"pass/{number}").permutation(self.size)
        return self._passes[number]


class ClassBatches:
    """Batches with given class frequencies, however many images each class has."""

    def __init__(self, labels: np.ndarray, weights: np.ndarray, batch_size: int, seed: int) -> None:
        """labels: (N,). weights: (K,), the classes' relative frequencies; 0 for a class without images."""
        self.by_class = [np.flatnonzero(labels == label) for label in range(len(weights))]
        self.edges = np.cumsum(weights) / np.sum(weights)
        self.batch_size, self.seed = batch_size, seed

    @classmethod
    def even(cls, images: LabelledImages, batch_size: int, seed: int) -> Self:
        """Return batches in which all classes that have images are equally frequent."""
        present = np.array([count > 0 for count in images.counts.values()], dtype=np.float64)
        return cls(images.labels, present, batch_size, seed)

    def __getitem__(self, step: int) -> np.ndarray:
        """Return the indices (batch_size,) of the images in batch `step`, counted from 0.

        Each class gets its share of the batch, rounded up or down; its images are drawn with replacement.
        """
        randomness = numpy_generator(self.seed, f"batch/{step}")
        quantiles = (np.arange(self.batch_size) + randomness.random()) / self.batch_size
        classes = randomness.permutation(np.searchsorted(self.edges, quantiles, side="right"))
        return np.array([randomness.choice(self.by_class[label]) for label in classes], dtype=np.int64)


def index_batches(images: LabelledImages, batch_size: int, seed: int, *, balanced: bool) -> Batches | ClassBatches:
    """Return batches of `images`. balanced: make all classes equally frequent instead of passing over the whole set."""
    return ClassBatches.even(images, batch_size, seed) if balanced else Batches(len(images), batch_size, seed)


class DeviceBatches:
    """Batches whose indices are tensors on a device, copied there many batches at a time: a GPU waits for each copy."""

    BATCHES_PER_COPY = 100

    def __init__(self, batches: IndexBatches, device: torch.device | str) -> None:
        self.batches, self.device = batches, device
        self._copied: tuple[int, Tensor] | None = None

    def __getitem__(self, step: int) -> Tensor:
        """Return the indices (batch_size,) int64 of the images in batch `step`, counted from 0."""
        copy, row = divmod(step, self.BATCHES_PER_COPY)
        if self._copied is None or self._copied[0] != copy:
            steps = range(copy * self.BATCHES_PER_COPY, (copy + 1) * self.BATCHES_PER_COPY)
            rows = np.stack([self.batches[number] for number in steps])
            self._copied = copy, torch.from_numpy(rows).to(self.device)
        return self._copied[1][row]


class Part(NamedTuple):
    """A source of some of the images in each mixed batch."""

    images: Rows | Tensor
    """(N, C, H, W) uint8; rows of a file are read batch by batch."""
    targets: np.ndarray | Tensor
    """(N,) int64 labels, or (N, K) float32 class probabilities."""
    batches: IndexBatches | DeviceBatches
    size: int
    """Images per mixed batch: the first `size` of each batch in `batches`."""
    ascending: bool = False
    """Whether to sort a batch's images by index, the fastest order to read them from a file; not on a device."""

    @classmethod
    def on_device(cls, images: LabelledImages, batches: IndexBatches, size: int, device: torch.device | str) -> Self:
        """Return a part with everything copied to `device`."""
        arrays = images.images, images.labels
        pixels, labels = (torch.from_numpy(np.array(array)).to(device) for array in arrays)
        return cls(pixels, labels, DeviceBatches(batches, device), size)


class RawBatches(Protocol):
    """A source of batches of images and targets."""

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return uint8 images (N, C, H, W) and targets of batch `step`, counted from 0.

        Targets are labels (N,) int64, or class probabilities (N, K) float32.
        """


@dataclass(frozen=True)
class Phases:
    """The batches of `first` before step `switch`, and those of `then` from that step on."""

    first: RawBatches
    then: RawBatches
    switch: int

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        return (self.first if step < self.switch else self.then)[step]


class MixedBatches:
    """Batches that take a fixed number of images from each of several parts, one part after the other."""

    def __init__(self, *parts: Part) -> None:
        """Mix `parts`, whose images and targets must all be on one device."""
        self.parts = parts
        self.classes = next((part.targets.shape[1] for part in parts if part.targets.ndim > 1), None)
        """Number of classes if targets are probabilities, else None."""

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Return uint8 images (N, C, H, W) and targets of batch `step`, counted from 0.

        Targets are labels (N,) int64, or class probabilities (N, K) float32 if any part has probabilities.
        """
        images, targets = [], []
        for part in self.parts:
            chosen = part.batches[step][: part.size]
            if part.ascending:
                chosen = np.sort(chosen)
            images.append(_take(part.images, chosen))
            targets.append(self._uniform(_take(part.targets, chosen)))
        return torch.cat(images), torch.cat(targets)

    def _uniform(self, targets: Tensor) -> Tensor:
        if self.classes is None:
            return targets
        return (one_hot(targets, self.classes) if targets.ndim == 1 else targets).float()


def _take(array: Rows | Tensor, indices: np.ndarray | Tensor) -> Tensor:
    return array[indices] if isinstance(array, Tensor) else torch.from_numpy(array[indices])
