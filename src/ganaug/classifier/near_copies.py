"""Finds near-copies: images that are closer to a training image than 95% of the held-out images are.

Distances are measured in features of classifiers, in one space or in several. There are two such comparisons, defined
alike (docs/decisions/0059):

* Cross-fitted: a space for each member of an ensemble, with the training images that it was not trained on. A
  classifier draws its own training images together, so it would take a good new image for a copy. Whether a *single*
  image is a near-copy is decided here: `synthesis/selection.py` flags candidates, and rejects them if
  `generate.drop_copies` is set.
* Joint: one space, the features of all members at once, with all training images. It gives the *share* of near-copies
  among many images, which `gan/examination.py` follows during training: held-out and generated images are equally new
  to all members, so a generator that does not copy has the share of the held-out images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from ganaug.core.neighbours import nearest

COPY_QUANTILE = 0.05
"""Share of held-out images that count as near-copies; a generator that does not copy has the same share."""


class NearestTraining(NamedTuple):
    """The distance of each of N images to the nearest training image, and the space in which it was found."""

    distances: np.ndarray
    """(N,), float64; 1 is the distance of the median held-out image."""
    spaces: np.ndarray
    """(N,), int64: index of the space. With cross-fitted members: one that was not trained on that training image."""


@dataclass(frozen=True)
class CopyDetector:
    """Training images to compare with, and the distance below which an image is a near-copy of one of them.

    train: for each space, features (M, F) of the training images to compare with, at least one. units: (spaces,), the
    median distance from a held-out image to the nearest of them, which makes spaces comparable whatever their scale and
    number of training images; 1 if the median is 0. threshold: in these units; COPY_QUANTILE of the held-out images are
    closer.
    """

    train: Sequence[np.ndarray]
    units: np.ndarray
    threshold: float

    @classmethod
    def fit(cls, train: Sequence[np.ndarray], held_out: Sequence[np.ndarray]) -> Self:
        """Return the detector for `train`, calibrated with features (L, F) of held-out images in each space; L > 0.

        Neither the generator nor the classifiers behind the features may have been trained on the held-out images.
        """
        distances = _distances(held_out, train)
        medians = np.median(distances, axis=1)
        units = np.where(medians > 0, medians, 1.0)
        threshold = np.quantile((distances / units[:, None]).min(0), COPY_QUANTILE)
        return cls(train, units, float(threshold))

    def nearest(self, images: Sequence[np.ndarray]) -> NearestTraining:
        """Return each image's distance to the nearest training image, the minimum over spaces.

        images: features (N, F) in each space. An image is a copy if it looks like one in any space.
        """
        distances = _distances(images, self.train) / self.units[:, None]
        return NearestTraining(distances.min(0), distances.argmin(0))

    def near_copies(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return a mask (N,) of the near-copies among images with these features (N, F) in each space."""
        return self.nearest(images).distances < self.threshold


def _distances(images: Sequence[np.ndarray], train: Sequence[np.ndarray]) -> np.ndarray:
    """Return the distances to the nearest training images in each space, (spaces, N)."""
    return np.stack([nearest(features, among)[0] for features, among in zip(images, train, strict=True)])
