"""The nearest-neighbour classifier: an image has the class of the nearest training image (Cover and Hart, 1967)."""

from __future__ import annotations

import numpy as np

from ganaug.core.neighbours import nearest
from ganaug.core.rows import Rows, chunks
from ganaug.data.images import LabelledImages


def nearest_neighbour(train: LabelledImages, images: Rows) -> np.ndarray:
    """Return class probabilities (N, K), float32, of `images` (N, C, H, W): 1 for the class of the nearest image.

    Distances are Euclidean, between pixels as they are stored: [-1, 1] instead of 0 to 255 would give the same
    neighbours. Ties go to the first of `train`, which must have at least one image, all of them labelled.
    """
    among = _flat(train.images)
    neighbours = [nearest(_flat(chunk), among)[1] for chunk in chunks(images)]
    labels = train.labels[np.concatenate([np.zeros(0, np.int64), *neighbours])]
    return np.eye(len(train.classes), dtype=np.float32)[labels]


def _flat(images: Rows) -> np.ndarray:
    """Return (N, F) for (N, C, H, W)."""
    return np.asarray(images).reshape(len(images), -1)
