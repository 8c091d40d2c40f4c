"""How good a synthetic set is: every metric of `metrics/`, over all images and class by class."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from ganaug.core.distances import nearest
from ganaug.core.plugins import available, build, describe
from ganaug.synthesis.metrics import Compared, Metric


class ClosestPairs(NamedTuple):
    """Synthetic images and the training images nearest to them, the closest pair first."""

    synthetic: np.ndarray
    """(P,), int64: which synthetic images; none twice."""
    train: np.ndarray
    """(P,), int64: which training images."""
    distances: np.ndarray
    """(P,), float64."""


def all_metrics() -> list[Metric]:
    """Return every metric, with its default options."""
    return [build("synthesis.metrics", {"name": name}) for name in available("synthesis.metrics")]


def quality(metrics: Sequence[Metric], features: Compared, pixels: Compared, classes: Sequence[str]) -> dict[str, Any]:
    """Return every metric's figures as plain JSON-able values, rounded to 6 digits after the point.

    features, pixels: the same images twice; a metric gets those that it sees. classes: name of each class, its position
    is the label. Under `images` is the number of images of each set, under `figures` for each metric `better`, `ideal`
    and `sees` (metrics/__init__.py) and three figures, which are there again for each class under `per_class`; None
    where there are too few images to tell:

    * `synthetic`: of the synthetic images.
    * `train`: of the training images in their place, as if a generator repeated these.
    * `held_out`: of half of the held-out images of each class in their place, the other half being held out, as if a
      generator were perfect. There are fewer images then, which makes Fréchet distances larger.
    """
    wholes = {"features": features, "pixels": pixels}
    parts = {
        sees: {name: whole.of_class(label) for label, name in enumerate(classes)} for sees, whole in wholes.items()
    }
    figures = {}
    for metric in metrics:
        described = describe(metric)
        figures[described.pop("name")] = {
            "options": described,
            "better": metric.better,
            "ideal": metric.ideal,
            "sees": metric.sees,
            **_figures(metric, wholes[metric.sees]),
            "per_class": {name: _figures(metric, part) for name, part in parts[metric.sees].items()},
        }
    images = {name: len(getattr(features, name)) for name in ("synthetic", "train", "held_out")}
    return {"images": images, "figures": figures}


def closest_pairs(compared: Compared, count: int) -> ClosestPairs:
    """Return the `count` synthetic images that are closest to a training image, or all if there are fewer.

    Classes play no part: a copy is a copy under any label.
    """
    if len(compared.train) == 0:
        return ClosestPairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    distances, places = nearest(compared.synthetic, compared.train)
    order = np.argsort(distances, kind="stable")[:count]
    return ClosestPairs(order, places[order], distances[order])


def _figures(metric: Metric, compared: Compared) -> dict[str, float | None]:
    copies = compared._replace(synthetic=compared.train, synthetic_labels=compared.train_labels)
    return {
        "synthetic": _plain(metric(compared)),
        "train": _plain(metric(copies)),
        "held_out": _plain(metric(_new_images(compared))),
    }


def _new_images(compared: Compared) -> Compared:
    """Put half of the held-out images in the place of the synthetic ones."""
    images, labels = compared.held_out, compared.held_out_labels
    half = _half(labels)
    return compared._replace(
        synthetic=images[half], synthetic_labels=labels[half], held_out=images[~half], held_out_labels=labels[~half]
    )


def _half(labels: np.ndarray) -> np.ndarray:
    """Return a mask (N,) of every other image of each class."""
    half = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        half[np.flatnonzero(labels == label)[::2]] = True
    return half


def _plain(value: float) -> float | None:
    """Round a figure for JSON, which knows no NaN."""
    return round(value, 6) if isfinite(value) else None
