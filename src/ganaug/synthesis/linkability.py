"""Attacks the link between stand-ins and training images with the attacks in `attacks/`."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from ganaug.core.plugins import available, build, describe
from ganaug.core.seeding import numpy_generator
from ganaug.synthesis.attacks import Attack, Pairs
from ganaug.synthesis.metrics import Compared


def all_attacks() -> list[Attack]:
    """Return all attacks with their default options."""
    return [build("synthesis.attacks", {"name": name}) for name in available("synthesis.attacks")]


def linkability(attacks: Sequence[Attack], pixels: Compared, sources: np.ndarray, groups: np.ndarray) -> dict[str, Any]:
    """Return the results of all attacks as JSON-serialisable values, rounded to 6 decimal places.

    pixels: stand-ins, training images and held-out images, float32. sources: (N,) int64: the training image that each
    stand-in replaces. groups: (M,) int64: group of each training image.

    The result has each attack's `options` and three values. A value is None if there are too few images.

    * `synthetic`: for the stand-ins.
    * `train`: for copies of the sources instead of stand-ins, as if a generator merely copied them.
    * `held_out`: for random held-out images of the same class instead of stand-ins. They have nothing to do with the
      sources, so this is chance.
    """
    pairs = Pairs(pixels.synthetic, pixels.synthetic_labels, sources, pixels.train, pixels.train_labels, groups)
    columns = {
        "synthetic": pairs,
        "train": pairs._replace(stand_ins=pixels.train[sources]),
        "held_out": _unrelated(pairs, pixels.held_out, pixels.held_out_labels),
    }
    results = {}
    for attack in attacks:
        described = describe(attack)
        values = {column: attack(pairs) for column, pairs in columns.items()}
        results[described.pop("name")] = {
            "options": described,
            **{column: round(value, 6) if isfinite(value) else None for column, value in values.items()},
        }
    return results


def _unrelated(pairs: Pairs, images: np.ndarray, labels: np.ndarray) -> Pairs:
    """Replace the stand-ins by random `images` (L, F) of their class; drop those of classes without `images`."""
    chosen = np.full(len(pairs.stand_ins), -1, np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(pairs.labels == label)
        order = numpy_generator(0, f"unrelated/{label}").permutation(np.flatnonzero(labels == label))
        chosen[rows] = np.resize(order, len(rows))
    replaced = np.flatnonzero(chosen >= 0)
    return pairs.subset(replaced)._replace(stand_ins=images[chosen[replaced]])
