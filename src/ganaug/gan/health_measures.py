"""Measures of a GAN's health. Distances between images are Euclidean distances between their features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ganaug.classifier.near_copies import CopyDetector
from ganaug.core.neighbours import kth_neighbour_distance, nearest, spread


class RealnessSummary(NamedTuple):
    """A discriminator's realness of a set of images, relative to the threshold between fake and real."""

    probability: float
    """Mean of σ(realness − threshold)."""
    share_above: float
    """Share of images above the threshold."""


def summarise_realness(realness: np.ndarray, threshold: float) -> RealnessSummary:
    """Summarise realness, (N,) or (N, P). threshold: the realness between fake and real."""
    probability = float((0.5 * (1 + np.tanh((realness - threshold) / 2))).mean())
    return RealnessSummary(probability, float((realness > threshold).mean()))


def mutual_distance(
    features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, held_out_labels: np.ndarray
) -> float:
    """Return the distance between fake and held-out real images, relative to distances among the real images.

    features: (N, F) and labels: (N,) of the fake images; held_out: (M, F) and held_out_labels: (M,) of the real images.
    Averages two distances to the nearest image of the same class, from fake to real (fidelity) and from real to fake
    (coverage), and divides by the distance from a real image to the nearest other real image. The result is slightly
    below 1 for images of the same distribution if there are more fake than real images; collapsed generators, blurred
    images and wrong classes all give large values. Use it only to compare generators with each other: on the default
    data, it ranks them in the order of the accuracy of classifiers trained on their images; distances between whole
    distributions do not (docs/results).
    """
    fakes_and_reals = [
        (features[labels == label], held_out[held_out_labels == label]) for label in np.unique(held_out_labels)
    ]
    compared = [(fakes, reals) for fakes, reals in fakes_and_reals if len(fakes)]
    fidelity = _mean(nearest(fakes, reals)[0] for fakes, reals in compared)
    coverage = _mean(nearest(reals, fakes)[0] for fakes, reals in compared)
    unit = _mean(kth_neighbour_distance(reals, 1) for _, reals in fakes_and_reals if len(reals) > 1)
    return (fidelity + coverage) / (2 * (unit or 1.0))  # no unit if each class has one image, or all are equal


def diversity(features: np.ndarray, labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> dict[int, float]:
    """Return the mean distance between pairs of fake images of each class, divided by that of real images.

    features: (N, F) and labels: (N,) of the fake images; real: (M, F) and real_labels: (M,) of held-out real images,
    because training images lie closer together in the features of a classifier trained on them. About 1 is healthy.
    Classes with fewer than two fake or two real images are omitted.
    """
    ratios = {}
    for label in np.unique(labels).tolist():
        fakes, reals = features[labels == label], real[real_labels == label]
        if min(len(fakes), len(reals)) > 1 and (real_spread := spread(reals)) > 0:
            ratios[label] = spread(fakes) / real_spread
    return ratios


def near_copies(features: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Return the share of near-copies among fake images, in [0, 1], by the joint comparison of near_copies.py.

    features: (N, F), of the fake images. train: (M, F). held_out: (L, F). About 0.05 for a generator that does not
    copy, 1 for one that only copies.
    """
    return float(CopyDetector.fit([train], [held_out]).near_copies([features]).mean())


def source_effect(images: np.ndarray, with_other_sources: np.ndarray, labels: np.ndarray) -> float:
    """Return how much of the variety of translations comes from their sources: from 0, none, to about 1, all.

    images: (N, F), translations. with_other_sources: (N, F), translations of other sources with the same noise and
    classes. labels: (N,), the classes they were made for. The result is the median distance between the two, divided by
    the median distance between unrelated translations of the same class; 1 if unrelated translations are all equal, or
    if no class has two.
    """
    distances = np.linalg.norm(images - with_other_sources, axis=1)
    unrelated = [np.roll(images[labels == label], 1, axis=0) - images[labels == label] for label in np.unique(labels)]
    unit = float(np.median(np.linalg.norm(np.concatenate(unrelated), axis=1)))
    return float(np.median(distances)) / unit if unit > 0 else 1.0


def _mean(parts: Iterable[np.ndarray]) -> float:
    """Return the mean over the values of all parts; 0 if there are none."""
    values = np.concatenate([np.zeros(0), *parts])
    return float(values.mean()) if len(values) else 0.0
