"""Stand-ins: synthetic images that each replace one training image, and the link between the two.

The link is not stored anywhere. It follows from the seed, and from which candidates were kept.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ganaug.core.files import existing, read_json
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import choose_sources
from ganaug.synthesis.generate_settings import Generate


def candidate_labels(settings: Generate, train: LabelledImages) -> np.ndarray:
    """Return the class of each candidate, (N,) int64, class by class."""
    counts = settings.candidates(train.counts.values())
    return np.repeat(np.arange(len(train.classes), dtype=np.int64), counts)


def places(settings: Generate, train: LabelledImages) -> np.ndarray:
    """Return for each candidate, (N,) int64, which of its class's stand-ins it may become: its place.

    In a class with n training images, candidate j has place j mod n. Sources of the same class come in the same order,
    so that all candidates for a place then have the same source.
    """
    real = list(train.counts.values())
    counts = zip(settings.candidates(real), real, strict=True)
    return np.concatenate([np.arange(candidates, dtype=np.int64) % max(count, 1) for candidates, count in counts])


def in_hidden_order(kept: np.ndarray, seed: int) -> np.ndarray:
    """Shuffle the candidates `kept`, (P,), into an order that only the seed reveals."""
    return numpy_generator(seed, "order of stand-ins").permutation(kept)


def sources_of_stand_ins(settings: Generate, train: LabelledImages, seed: int, report: Path) -> np.ndarray:
    """Return the training image that each stand-in replaces, (P,) int64, recomputed from the seed.

    It is the image that a stand-in was translated from; stand-ins made from noise replace the images of their class in
    a seeded order. seed: the synthetic set's. report: the folder with its samples.csv and selection.json.

    Raises InputError if one of these files is missing.
    """
    with existing(report / "samples.csv").open(newline="", encoding="utf-8") as file:
        kept = np.flatnonzero([row["kept"] != "" for row in csv.DictReader(file)])
    rule = settings.sources if read_json(report / "selection.json")["translated"] else "same"
    sources = choose_sources(rule, train, candidate_labels(settings, train), seed)
    return sources[in_hidden_order(kept, seed)]
