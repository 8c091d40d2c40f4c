"""Adds image files from beside a source: unlabelled images, or images of another domain."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganaug.core.errors import InputError, unknown
from ganaug.data.file_tree import choose_files
from ganaug.data.image_files import SUFFIXES
from ganaug.data.images import UNLABELLED
from ganaug.data.sources import Chain, RawImages


def with_unlabelled(raw: RawImages, path: Path) -> RawImages:
    """Return the images of `raw`, followed by all image files below `path`, a folder or an archive, as UNLABELLED.

    These belong to the training set and to no group. Raises InputError if there are none.
    """
    return _with_files(raw, path, "unlabelled")[0]


def with_other_domain(raw: RawImages, path: Path) -> RawImages:
    """Return the images of `raw`, followed by all image files below `path`, which are of another domain.

    path: a folder or an archive. A file in a folder with the name of a class has that class; if there are no such
    folders, all files are UNLABELLED. They belong to no group. Raises InputError if there are no image files, or if
    only some have a class.
    """
    joined, paths = _with_files(raw, path, "other_domain")
    labels = joined.labels.copy()
    numbers = {name: number for number, name in enumerate(raw.classes)}
    count = len(raw.labels)
    labels[count:] = [next((numbers[part] for part in file[:-1] if part in numbers), UNLABELLED) for file in paths]
    without = np.flatnonzero(labels[count:] == UNLABELLED)
    if 0 < len(without) < len(paths):
        folder = (*paths[without[0]][:-1], "the top folder")[0]
        raise InputError(
            f"{path}: {len(without)} of {len(paths)} images of the other domain are in no folder with the name of a "
            f"class, such as {joined.names[count + without[0]]}: {unknown('class', folder, raw.classes)}; rename the "
            f"folders, or put all images in folders with other names if their classes are not known"
        )
    return replace(joined, labels=labels, other_domain=np.append(~raw.of_target_domain, [True] * len(paths)))


def _with_files(raw: RawImages, path: Path, option: str) -> tuple[RawImages, list[tuple[str, ...]]]:
    """Return the images of `raw` with the files below `path`, and the paths of these files, split into folders."""
    paths, files, left_out = choose_files(path, SUFFIXES, "images", named=f"prepare.{option}")
    if not files:
        raise InputError(f"{path}: no image files; correct prepare.{option}, or set it to null")
    count = len(files)
    joined = replace(
        raw,
        images=Chain([raw.images, files]),
        labels=np.append(raw.labels, np.full(count, UNLABELLED)),
        names=[*raw.names, *(file.name for file in files)],
        groups=None if raw.groups is None else np.append(raw.groups.astype(object), [None] * count),
        splits=None if raw.splits is None else np.append(raw.splits, ["train"] * count),
        other_domain=None if raw.other_domain is None else np.append(raw.other_domain, [False] * count),
        descriptions=None if raw.descriptions is None else [*raw.descriptions, *[""] * count],
        left_out=Counter(raw.left_out) + left_out,
    )
    return joined, paths
