"""Chooses the images that are translated into each class."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import UNLABELLED, LabelledImages

SourceRule = Literal["other", "common", "same", "other_domain"]
"""Images that are translated into class k. other: images of all classes but k. common: images of classes with more
images than k; the more images, the likelier. same: images of k. other_domain: images of another domain that are of
class k or unlabelled."""

BETA = 0.999
"""β of `common`: the larger it is, the more it favours classes with many more images (Kim et al., M2m, 2020, eq. 5)."""


SOURCES = {"train": "sources.npy", "other_domain": "other_domain_sources.npy"}
"""Set that source images come from → file in the folder of a synthetic set with the index of each image's source
image, (N,) int64."""


def sources_file(rule: SourceRule) -> str:
    """Return the name of the file with the source images that `rule` chose."""
    return SOURCES["other_domain" if rule == "other_domain" else "train"]


def load_sources(folder: Path) -> np.ndarray | None:
    """Return the training image that each image of the synthetic set in `folder` was translated from, (N,) int64.

    Return None if the set was made from noise, or from images of another domain.
    """
    path = folder / SOURCES["train"]
    return np.load(path) if path.exists() else None


def source_images(folder: Path, train: LabelledImages, other_domain: LabelledImages) -> LabelledImages | None:
    """Return the source image of each image of the synthetic set in `folder`, or None if it was made from noise."""
    for name, images in (("train", train), ("other_domain", other_domain)):
        if (folder / SOURCES[name]).exists():
            return images.subset(np.load(folder / SOURCES[name]))
    return None


def choose_sources(rule: SourceRule, train: LabelledImages, labels: np.ndarray, seed: int) -> np.ndarray:
    """Return (N,) int64: for each of `labels` (N,), the index in `train` of the image to translate into that class.

    train: the training images; for the rule "other_domain", those of the other domain.

    Each class has its own order, drawn without replacement, and uses all of its source images before it starts again.
    The order depends neither on other classes nor on the number of images.

    Raises InputError if a class has no source image.
    """
    chosen = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels).tolist():
        places = np.flatnonzero(labels == label)
        weights = source_weights(rule, train.labels, label)
        sources = np.flatnonzero(weights)
        if len(sources) == 0:
            raise InputError(
                f"generate.sources: '{rule}' finds no image to translate into class "
                f"'{train.classes[label]}'; choose another rule, or a network that starts from noise"
            )
        # weighted sampling without replacement (Efraimidis and Spirakis, 2006): descending u^(1/w)
        keys = np.log(numpy_generator(seed, f"sources/{label}").random(len(train)))[sources] / weights[sources]
        order = sources[np.argsort(-keys)]
        chosen[places] = order[np.arange(len(places)) % len(order)]
    return chosen


def attributes_of_class(train: LabelledImages, labels: np.ndarray, seed: int) -> np.ndarray | None:
    """Return attributes (N, D) for images of `labels` (N,), each those of a training image of its class; None: none."""
    return None if train.attributes is None else train.attributes[choose_sources("same", train, labels, seed)]


def source_weights(rule: SourceRule, train_labels: np.ndarray, label: int, beta: float = BETA) -> np.ndarray:
    """Return the weight of each training image as a source image for class `label`, (M,); 0 excludes an image.

    train_labels: (M,). beta: see BETA. The weights of a class's images sum to the weight of the class.
    """
    of_class = train_labels == label
    if rule == "other_domain":
        return (of_class | (train_labels == UNLABELLED)).astype(np.float64)
    if rule != "common":
        return (of_class if rule == "same" else ~of_class).astype(np.float64)
    classes, inverse, counts = np.unique(train_labels, return_inverse=True, return_counts=True)
    weights = np.where(classes == label, 0.0, 1 - beta ** (counts - of_class.sum()).clip(0).astype(np.float64))
    if not weights.any():
        weights = (classes != label).astype(np.float64)
    return (weights / counts)[inverse]
