"""Measures the quality of a synthetic set with the metrics in `metrics/`, overall and per class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from ganaug.core.neighbours import nearest, remembering
from ganaug.core.plugins import available, build, describe
from ganaug.synthesis.metrics import Compared, Metric


class ClosestPairs(NamedTuple):
    """Synthetic images paired with their nearest training image, closest pair first."""

    synthetic: np.ndarray
    """(P,), int64: distinct indices of synthetic images."""
    train: np.ndarray
    """(P,), int64: indices of training images."""
    distances: np.ndarray
    """(P,), float64."""


class Quality(NamedTuple):
    """Results of `quality`."""

    figures: dict[str, Any]
    """JSON-serialisable values, rounded to 6 decimal places."""
    closest: ClosestPairs


PAIRS = 16
"""Number of closest pairs of a synthetic and a training image to look for."""


def all_metrics() -> list[Metric]:
    """Return all metrics with their default options."""
    return [build("synthesis.metrics", {"name": name}) for name in available("synthesis.metrics")]


def quality(
    metrics: Sequence[Metric],
    features: Callable[[], Compared],
    pixels: Callable[[], Compared],
    classes: Sequence[str],
    images: int | None = None,
) -> Quality:
    """Return the value of every metric, and the closest pairs by pixels.

    features, pixels: return the same images in two representations; each metric uses the one it declares in `sees`.
    They are called one after the other, so that only one representation need be in memory. classes: class names,
    indexed by label. images: look for pairs among this many synthetic images, from the first; None: among all.

    The figures have the number of images per set under `images`, and each metric under `figures`: its `options`,
    `better`, `ideal` and `sees` (see metrics/__init__.py), and three values, repeated for each class under `per_class`.
    A value is None if there are too few images.

    * `synthetic`: for the synthetic images.
    * `train`: for the training images instead of the synthetic images, as if a generator merely copied them.
    * `held_out`: for half of the held-out images of each class instead of the synthetic images, with the other half as
      held-out images, as if a generator were perfect. Having fewer images makes Fréchet distances larger.
    """
    figures: dict[str, dict[str, Any]] = {}
    for metric in metrics:
        described = describe(metric)
        facts = {"better": metric.better, "ideal": metric.ideal, "sees": metric.sees}
        figures[described.pop("name")] = {"options": described, **facts}
    by_features = _all_values([metric for metric in metrics if metric.sees == "features"], features(), classes)
    seen = pixels()
    with remembering(*seen):  # the pairs reuse distances that a metric has computed
        by_pixels = _all_values([metric for metric in metrics if metric.sees == "pixels"], seen, classes)
        closest = closest_pairs(seen, PAIRS, images)
    for name, values in (by_features.figures | by_pixels.figures).items():
        figures[name] |= values
    return Quality({"images": by_features.images, "figures": figures}, closest)


def closest_pairs(compared: Compared, count: int, images: int | None = None) -> ClosestPairs:
    """Return `count` synthetic images that are close to a training image, or all if there are fewer, closest first.

    Each class of synthetic images gets an equal share of the places, because one class of nearly identical images could
    take them all; places that a class leaves empty go to the closest remaining images. The labels of training images
    are ignored: a copy is a copy under any label. images: consider this many synthetic images, from the first; None:
    all.
    """
    if len(compared.train) == 0:
        return ClosestPairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    distances, indices = nearest(compared.synthetic, compared.train)
    order = np.argsort(distances[:images], kind="stable")
    labels = np.asarray(compared.synthetic_labels)[order]
    ranks = np.zeros(len(order), np.int64)  # each image's rank within its class
    for label in np.unique(labels):
        ranks[labels == label] = np.arange((labels == label).sum())
    share = -(-count // max(1, len(np.unique(labels))))
    ahead = np.argsort(ranks >= share, kind="stable")[:count]
    chosen = order[np.sort(ahead)]
    return ClosestPairs(chosen, indices[chosen], distances[chosen])


class _Values(NamedTuple):
    """Values of the metrics, by name, and the number of images in each set."""

    images: dict[str, int]
    figures: dict[str, dict[str, Any]]


def _all_values(metrics: Sequence[Metric], sets: Compared, classes: Sequence[str]) -> _Values:
    """Return each metric for all images and, under `per_class`, for the images of each class."""
    figures: dict[str, dict[str, Any]]
    figures = {name: {**values, "per_class": {}} for name, values in _values(metrics, sets).items()}
    for label, class_name in enumerate(classes):
        for name, values in _values(metrics, sets.of_class(label)).items():
            figures[name]["per_class"][class_name] = values
    images = {name: len(getattr(sets, name)) for name in ("synthetic", "train", "held_out")}
    return _Values(images, figures)


def _values(metrics: Sequence[Metric], compared: Compared) -> dict[str, dict[str, float | None]]:
    """Return each metric, by name, for synthetic images, for copies of the training images, and for new real images."""
    columns = {
        "synthetic": compared,
        "train": compared._replace(synthetic=compared.train, synthetic_labels=compared.train_labels),
        "held_out": _with_real_images(compared),
    }
    arrays = (array for sets in columns.values() for array in sets)
    with remembering(*arrays):  # several metrics need the same distances
        return {
            describe(metric)["name"]: {column: _rounded(metric(sets)) for column, sets in columns.items()}
            for metric in metrics
        }


def _with_real_images(compared: Compared) -> Compared:
    """Replace the synthetic images with half of the held-out images."""
    images, labels = compared.held_out, compared.held_out_labels
    half = _every_other(labels)
    return compared._replace(
        synthetic=images[half], synthetic_labels=labels[half], held_out=images[~half], held_out_labels=labels[~half]
    )


def _every_other(labels: np.ndarray) -> np.ndarray:
    """Return a mask (N,) of every second image of each class."""
    half = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        half[np.flatnonzero(labels == label)[::2]] = True
    return half


def _rounded(value: float) -> float | None:
    """Round a value, or return None if it is not finite, as JSON has no NaN."""
    return round(value, 6) if isfinite(value) else None
