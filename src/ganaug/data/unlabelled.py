"""Images without labels beside those of a source."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ganaug.core.errors import InputError
from ganaug.data.file_tree import choose_files
from ganaug.data.image_files import SUFFIXES
from ganaug.data.images import UNLABELLED
from ganaug.data.sources import Chain, RawImages


def with_unlabelled(raw: RawImages, path: Path) -> RawImages:
    """Return the images of `raw`, and behind them all image files below `path`, a folder or an archive, as UNLABELLED.

    They belong to the training set, and to no group. Raises InputError if there are none.
    """
    _, files, left_out = choose_files(path, SUFFIXES, "images", named="prepare.unlabelled")
    if not files:
        raise InputError(f"{path}: no image files; correct prepare.unlabelled, or set it to null")
    count = len(files)
    return replace(
        raw,
        images=Chain([raw.images, files]),
        labels=np.append(raw.labels, np.full(count, UNLABELLED)),
        names=[*raw.names, *(file.name for file in files)],
        groups=None if raw.groups is None else np.append(raw.groups.astype(object), [None] * count),
        splits=None if raw.splits is None else np.append(raw.splits, ["train"] * count),
        left_out=Counter(raw.left_out) + left_out,
    )
