"""Writes synthetic sets as files that other programs read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.pictures import picture
from ganaug.core.rows import chunks
from ganaug.data.images import LabelledImages
from ganaug.data.sources import Dataset
from ganaug.data.values import Range

UNSAFE = re.compile(r'[%/\\:*?"<>|\x00-\x1f\x7f]|^\.|[. ]$')
"""What a folder must not have in its name on one system or another."""


def export(images: LabelledImages, source: Dataset, limits: Range, folder: Path) -> None:
    """Write each image to `folder/<class>/<number>`, as .png, or as .npy in the source's own form if there is one.

    limits: the values in the source that became black and white.

    Raises InputError if there is such a folder already.
    """
    folders = [folder / folder_name(name) for name in images.classes]
    for one in folders:
        try:
            one.mkdir(parents=True)
        except OSError as error:
            raise InputError(f"{one}: cannot be made ({error.strerror}); export to a new folder") from None
    number = 0
    for chunk in chunks(images.images):
        pixels = chunk.transpose(0, 2, 3, 1)
        restored = source.restore(values(pixels, limits))
        for index in range(len(pixels)):
            path = folders[images.labels[number]] / f"{number:06}"
            if restored is None:
                picture(pixels[index]).save(path.with_suffix(".png"))
            else:
                np.save(path.with_suffix(".npy"), restored[index])
            number += 1


def values(levels: np.ndarray, limits: Range) -> np.ndarray:
    """Return the values, float32, that became the levels 0 … 255."""
    return (limits.low + levels * ((limits.high - limits.low) / 255)).astype(np.float32)


def folder_name(name: str) -> str:
    """Return a class name as the name of a folder on any system: other characters become % and two digits."""
    return UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", name)
