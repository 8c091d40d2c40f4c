"""PLUG-IN: attacks on the link between stand-ins and the training images that they replace, one per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from math import nan
from typing import NamedTuple, Self

import numpy as np

from ganaug.core.config import settings

BLOCK_ROWS = 1000
"""Number of stand-ins whose distances to all training images of a class are in memory at once."""


class Block(NamedTuple):
    """Distances from B stand-ins to the m training images of their sources' class."""

    sources: np.ndarray
    """(B,), int64: each stand-in's source, an index into `Pairs.train`."""
    class_images: np.ndarray
    """(m,), int64, ascending: the images of the class, indices into `Pairs.train`."""
    distances: np.ndarray
    """(B, m), float64."""


class Pairs(NamedTuple):
    """Stand-ins, and the training images; each stand-in replaces one of them, its source."""

    stand_ins: np.ndarray
    """(N, F), float32: pixels from 0 to 255."""
    labels: np.ndarray
    """(N,), int64: classes of the stand-ins."""
    sources: np.ndarray
    """(N,), int64: index in `train` of each stand-in's source. With a translator, it may be of another class."""
    train: np.ndarray
    """(M, F), float32."""
    train_labels: np.ndarray
    """(M,), int64."""
    train_groups: np.ndarray
    """(M,), int64: images that belong together, such as those of one person, share a number."""

    def subset(self, rows: np.ndarray) -> Self:
        """Return the stand-ins at `rows`, with all training images."""
        return self._replace(stand_ins=self.stand_ins[rows], labels=self.labels[rows], sources=self.sources[rows])

    def among(self, chosen: np.ndarray) -> Self:
        """Return the pairs whose source is among the training images at `chosen`, with only these training images."""
        places = np.full(len(self.train), -1, np.int64)
        places[chosen] = np.arange(len(chosen))
        pairs = self.subset(np.flatnonzero(places[self.sources] >= 0))
        train, labels, groups = (array[chosen] for array in (self.train, self.train_labels, self.train_groups))
        return pairs._replace(sources=places[pairs.sources], train=train, train_labels=labels, train_groups=groups)

    def blocks(self) -> Iterator[Block]:
        """Yield the distances from all stand-ins to the training images of their source's class, block by block."""
        from scipy.spatial.distance import cdist

        source_labels = self.train_labels[self.sources]
        for label in np.unique(source_labels):
            rows, class_images = np.flatnonzero(source_labels == label), np.flatnonzero(self.train_labels == label)
            for start in range(0, len(rows), BLOCK_ROWS):
                block = rows[start : start + BLOCK_ROWS]
                yield Block(self.sources[block], class_images, cdist(self.stand_ins[block], self.train[class_images]))

    def share_farther(self) -> float:
        """Return the mean share of other training images of the source's class that are farther away than the source.

        Equal distances count half. NaN if no source has another image of its class.
        """
        shares = [np.zeros(0)]
        for block in self.blocks():
            others = len(block.class_images) - 1
            if others > 0:
                columns = np.searchsorted(block.class_images, block.sources)[:, None]
                to_source = np.take_along_axis(block.distances, columns, axis=1)
                farther, equal = block.distances > to_source, block.distances == to_source
                shares.append((farther.sum(1) + (equal.sum(1) - 1) / 2) / others)  # the source equals itself
        per_stand_in = np.concatenate(shares)
        return float(per_stand_in.mean()) if len(per_stand_in) else nan


@settings
class Attack(ABC):
    """A number that says how much stand-ins reveal about their sources: 0.5 is chance. NaN if there are too few images.

    It does not depend on the order of images. An attack is told which stand-in belongs to which training image, so it
    measures how much of the link the images preserve, not how hard the link is to find. An attack that finds nothing
    proves nothing.
    """

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests."""
        return cls()

    @abstractmethod
    def __call__(self, pairs: Pairs) -> float:
        """Return how much the stand-ins reveal about their sources, in [0, 1]."""
