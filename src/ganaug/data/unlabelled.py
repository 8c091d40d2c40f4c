"""Images without labels beside those of a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePath

import numpy as np

from ganaug.core.errors import InputError
from ganaug.data.file_tree import list_files
from ganaug.data.image_files import SUFFIXES, EncodedImage
from ganaug.data.images import UNLABELLED
from ganaug.data.sources import RawImages


def with_unlabelled(raw: RawImages, path: Path) -> RawImages:
    """Return the images of `raw`, and behind them all image files below `path`, a folder or an archive, as UNLABELLED.

    They belong to the training set, and to no group. Raises InputError if there are none.
    """
    files: list[EncodedImage] = []
    left_out = Counter(raw.left_out)
    for entry in list_files(path):
        suffix = PurePath(entry.parts[-1]).suffix.lower()
        if entry.file is not None and suffix in SUFFIXES:
            files.append(entry.file)
        else:
            left_out[entry.why or f"no images ({suffix or 'no suffix'})"] += 1
    if not files:
        raise InputError(f"{path}: no image files; correct prepare.unlabelled, or set it to null")
    count = len(files)
    return replace(
        raw,
        images=_Both(raw.images, files),
        labels=np.append(raw.labels, np.full(count, UNLABELLED)),
        names=[*raw.names, *(file.name for file in files)],
        groups=None if raw.groups is None else np.append(raw.groups.astype(object), [None] * count),
        splits=None if raw.splits is None else np.append(raw.splits, ["train"] * count),
        left_out=left_out,
    )


class _Both(Iterable[np.ndarray | EncodedImage]):
    """The images of a source, and then others."""

    def __init__(self, images: Iterable[np.ndarray | EncodedImage], others: Sequence[EncodedImage]) -> None:
        self.images, self.others = images, others

    def __iter__(self) -> Iterator[np.ndarray | EncodedImage]:
        return chain(self.images, self.others)
