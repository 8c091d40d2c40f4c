"""Means of clusters of training images, which are translated instead of single images.

k-same (Newton, Sweeney and Malin, Preserving privacy by de-identifying face images, 2005) replaces each image by the
mean of a cluster of at least k images. Jeon et al. (k-SALSA, 2022) average images of one class, and a GAN makes the
mean realistic again.
"""

from __future__ import annotations

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.rows import Rows
from ganaug.data.images import LabelledImages


def cluster_means(train: LabelledImages, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each training image's cluster, (M,) int64, and the mean image of each cluster, (clusters, C, H, W) uint8.

    A cluster holds images of one class from at least `k` groups, and all images that these groups have of that class: a
    cluster of many images of one person would hide nobody.

    Raises InputError if a class has images of fewer than `k` groups.
    """
    clusters = np.zeros(len(train), np.int64)
    means: list[np.ndarray] = []
    for label in np.unique(train.labels).tolist():
        rows = np.flatnonzero(train.labels == label)
        pixels = _pixels(train.images[rows])
        _, group = np.unique(train.group_ids[rows], return_inverse=True)
        counts = np.bincount(group)
        if len(counts) < k:
            raise InputError(
                f"generate.k_same: class '{train.classes[label]}' has training images of {len(counts)} groups, and a "
                f"mean needs {k}; lower generate.k_same, or provide more images"
            )
        by_group = pixels[np.argsort(group, kind="stable")]
        sums = np.add.reduceat(by_group, np.cumsum(counts) - counts)
        cluster = clusters_of(sums / counts[:, None], k)[group]
        clusters[rows] = cluster + len(means)
        means += [pixels[cluster == number].mean(0) for number in range(cluster.max() + 1)]
    return clusters, np.stack(means).round().astype(np.uint8).reshape(-1, *train.shape)


def clusters_of(points: np.ndarray, k: int) -> np.ndarray:
    """Return the cluster, (N,) int64, of each of `points` (N, F): `k` to 2 k − 1 similar points per cluster.

    Maximum distance to average (Domingo-Ferrer and Mateo-Sanz, 2002): while 2 k or more points remain, the point
    farthest from their mean forms a cluster with its k − 1 nearest neighbours; the remaining points form the last
    cluster. Fewer than 2 k points form one cluster, even if there are fewer than k.
    """
    clusters, left, number = np.zeros(len(points), np.int64), np.arange(len(points)), 0
    while len(left) >= 2 * k:
        rest = points[left]
        farthest = _squared_distances(rest, rest.mean(0)).argmax()
        order = np.argsort(_squared_distances(rest, rest[farthest]), kind="stable")
        clusters[left[order[:k]]] = number
        left, number = np.sort(left[order[k:]]), number + 1
    clusters[left] = number
    return clusters


def _squared_distances(points: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return the squared distances (N,) of `points` (N, F) to `centre` (F,)."""
    return np.square(points - centre).sum(1)


def _pixels(images: Rows) -> np.ndarray:
    """Return (N, F) float64 for uint8 images (N, C, H, W)."""
    return np.asarray(images).reshape(len(images), -1).astype(np.float64)
