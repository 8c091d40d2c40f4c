"""The sets of images that a run reads, as MLflow shows them: name, digest and content."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages, checksum


class DataSet(NamedTuple):
    """One set of images that a run reads."""

    name: str
    """Such as "digits, training set of replicate 0"."""
    context: str
    """What it is for: training, validation or test."""
    digest: str
    """Hash of its pixels and labels."""
    place: str
    """Its folder, relative to the project's."""
    source: dict[str, Any]
    """Where the images come from."""
    profile: dict[str, Any]
    """Number of images, their shape, and number of images per class."""


def held_out_sets(paths: Paths) -> list[DataSet]:
    """Return the validation and the test set, the same for all replicates."""
    places = {"validation": paths.val, "test": paths.test}
    return [_described(LabelledImages.load(place), f"{name} set", name, place, paths) for name, place in places.items()]


def training_sets(replicates: Sequence[int], paths: Paths) -> dict[int, DataSet]:
    """Return the limited training set of each replicate."""
    places = {replicate: paths.train(replicate) for replicate in replicates}
    return {
        replicate: _described(
            LabelledImages.load(place), f"training set of replicate {replicate}", "training", place, paths
        )
        for replicate, place in places.items()
    }


def _described(images: LabelledImages, name: str, context: str, place: Path, paths: Paths) -> DataSet:
    title = images.source.get("title", images.source.get("name", "images"))
    profile = {"images": len(images), "image_shape": list(images.shape), "per_class": images.counts}
    digest, folder = checksum(images.images, images.labels)[:16], place.relative_to(paths.root).as_posix()
    return DataSet(f"{title}, {name}", context, digest, folder, dict(images.source), profile)
