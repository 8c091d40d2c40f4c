"""Detect near-copies of training images among generated images.

A near-copy is closer to a training image than 95% of the validation images are. Distances are measured in the features
of the cross-fitted ensemble: each member compares an image only with training images that it was not trained on. A
classifier's features pull its own training images together, so it would mistake a good new image for a copy.

`selection.py` flags the near-copies among the candidates, and rejects them if `generate.drop_copies` is set.
`gan/health.py` has a coarser measure for GAN training: the same threshold, but in the features of all members at once,
and for all training images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ganaug.core.neighbours import nearest
from ganaug.gan.health import COPY_QUANTILE


class NearestTraining(NamedTuple):
    """The distance of each of N images to the nearest training image, and the ensemble member that measured it."""

    distances: np.ndarray
    """(N,), float64; 1 is the distance of the median validation image."""
    members: np.ndarray
    """(N,), int64: index of the member, which was not trained on that training image."""


def distance_units(held_out: Sequence[np.ndarray], unseen: Sequence[np.ndarray]) -> np.ndarray:
    """Return each member's median distance from a validation image to the nearest training image, (members,).

    held_out: each member's features (V, F) of the validation images. unseen: each member's features (L, F) of the
    training images that it compares with. Dividing by these units makes members comparable, whatever the scale of their
    features and the size of their fold. A median of 0 is replaced by 1.
    """
    medians = np.array([np.median(nearest(val, train)[0]) for val, train in zip(held_out, unseen, strict=True)])
    return np.where(medians > 0, medians, 1.0)


def find_nearest(features: Sequence[np.ndarray], unseen: Sequence[np.ndarray], units: np.ndarray) -> NearestTraining:
    """Return each image's distance to the nearest training image, the minimum over members.

    features: each member's features (N, F) of the images. unseen: see `distance_units`, which returns `units`.
    """
    distances = np.stack([nearest(images, train)[0] for images, train in zip(features, unseen, strict=True)])
    distances = distances / units[:, None]
    return NearestTraining(distances.min(0), distances.argmin(0))


def near_copy_threshold(held_out: Sequence[np.ndarray], unseen: Sequence[np.ndarray], units: np.ndarray) -> float:
    """Return the distance below which an image is a near-copy; 5% of the validation images are closer than that.

    held_out, unseen: see `distance_units`, which returns `units`.
    """
    return float(np.quantile(find_nearest(held_out, unseen, units).distances, COPY_QUANTILE))
