"""Reads all images of a source once, and makes them uniform: one height, width and number of channels, in one file."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ganaug.core.errors import InputError
from ganaug.core.parallel import in_processes
from ganaug.core.progress import Progress
from ganaug.core.rows import Rows
from ganaug.data.conversion import fitted, over, with_channels
from ganaug.data.image_files import EncodedImage, decode
from ganaug.data.resumed_reading import Named, Tally, reading_key
from ganaug.data.settings import LARGEST, SMALLEST, Prepare
from ganaug.data.values import Range

BLOCK = 64
"""Images that a process reads at a time."""

SAVED_EVERY = 2000
"""Images between two saves of the progress: after a crash, at most these and those in flight are read again."""

_Item = tuple[str, np.ndarray | EncodedImage]

SHOWN = 10
"""Number of images that an error message names; the rest are counted."""


class Uniform(NamedTuple):
    """The images of a source, as they were read.

    images: (N, C, H, W), in a file; uint8, or float32 with the source's own values if these are not uint8, and NaN
    where an image was padded. kind: type of the source's values, such as "uint16". found: the smallest and the largest
    value. sizes: (height, width) before resizing → number of images. animated: number of files with more than one frame
    or page; only the first was read.
    """

    images: Rows
    kind: str
    found: Range
    sizes: Counter[tuple[int, int]]
    animated: int


class _Image(NamedTuple):
    """One image, uniform except for its channels. pixels: (C, H, W), uint8 or float32; the rest is as in Uniform."""

    pixels: np.ndarray
    kind: str
    found: Range
    size: tuple[int, int]
    animated: bool


def read_uniform(raw: Named, settings: Prepare, file: Path) -> Uniform:
    """Read all images on all cores, and write them to `file` as the rows of one array.

    Without prepare.channels, all images get as many channels as the image with the most, and transparent image files
    are laid over prepare.background. If an earlier process with the same task was killed, the image files that it read
    are not read again; a .json file beside `file` holds their number.

    Raises InputError, naming the images that cannot be read, that are too small or too large, or that differ from the
    first in size or type.
    """
    key, record = reading_key(raw, settings), file.with_suffix(".json")
    tally = Tally() if key is None or not file.exists() else Tally.load(record, key)
    if not tally.done:
        record.unlink(missing_ok=True)  # the images that it counts are about to be overwritten
    writer = _Writer(file, len(raw.names), tally.done)
    kinds = {tally.kind: list(raw.names[: tally.done])} if tally.done else {}
    shapes = {tally.size: list(raw.names[: tally.done])} if tally.done else {}
    broken: list[str] = []
    progress = Progress("reading images", len(raw.names), tally.done)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, about metadata
        for name, image in zip(raw.names[tally.done :], _read_all(raw, settings, tally.done), strict=True):
            progress.step(progress.done + 1)
            if isinstance(image, InputError):
                broken.append(str(image))
                continue
            height, width = image.pixels.shape[1:]
            kinds.setdefault(image.kind, []).append(name)
            shapes.setdefault((height, width), []).append(name)
            if not broken and len(kinds) == len(shapes) == 1:
                writer.write(image.pixels)
                _count(tally, image)
                if key is not None and tally.done % SAVED_EVERY == 0:
                    writer.flush()
                    tally.save(record, key)
    progress.close()
    _refuse(broken, kinds, shapes)
    return Uniform(writer.rows(), tally.kind, Range(tally.low, tally.high), tally.sizes, tally.animated)


def _count(tally: Tally, image: _Image) -> None:
    height, width = image.pixels.shape[1:]
    tally.kind, tally.size = image.kind, (height, width)
    tally.low, tally.high = min(tally.low, image.found.low), max(tally.high, image.found.high)
    tally.sizes[image.size] += 1
    tally.animated += image.animated
    tally.done += 1


def _read_all(raw: Named, settings: Prepare, start: int) -> Iterator[_Image | InputError]:
    """Read the images from number `start` on: files in other processes; arrays here, to avoid sending them."""
    blocks = _blocks(islice(zip(raw.names, raw.images, strict=True), start, None))
    for first in islice(blocks, 1):
        read = in_processes if isinstance(first[0][1], EncodedImage) else map
        yield from chain.from_iterable(read(partial(_read_block, settings=settings), chain([first], blocks)))


def _blocks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while block := list(islice(iterator, BLOCK)):
        yield block


def _read_block(block: list[_Item], settings: Prepare) -> list[_Image | InputError]:
    results: list[_Image | InputError] = []
    for name, image in block:
        try:
            results.append(_read(name, image, settings))
        except InputError as error:
            results.append(error)
    return results


def _read(name: str, image: np.ndarray | EncodedImage, settings: Prepare) -> _Image:
    animated = False
    if isinstance(image, EncodedImage):
        image, animated = decode(image, largest=LARGEST if settings.height_and_width is None else None)
        wide = image.dtype != np.uint8
        if image.shape[2] in (2, 4) and (wide or settings.channels not in (2, 4)):
            image = over(image, settings.background)
    kind, size = image.dtype.name, image.shape[:2]
    pixels = image if kind == "uint8" else image.astype(np.float32)
    found = Range(float(pixels.min()), float(pixels.max()))
    if not np.isfinite(found).all():
        raise InputError(f"{name}: has values that are infinite or not a number; fix or remove it")
    pixels = fitted(pixels, settings.height_and_width or size, settings.fit, settings.background)
    if not all(SMALLEST <= length <= LARGEST for length in pixels.shape[:2]):
        raise InputError(
            f"{name}: {size[0]}×{size[1]} pixels; set prepare.size, from {SMALLEST} to {LARGEST}, to resize all images"
        )
    if settings.channels is not None:
        pixels = with_channels(pixels, settings.channels)
    return _Image(np.ascontiguousarray(pixels.transpose(2, 0, 1)), kind, found, size, animated)


def _refuse(broken: list[str], kinds: dict[str, list[str]], shapes: dict[tuple[int, int], list[str]]) -> None:
    """Raise InputError for images that could not be read, or if there is more than one type or size."""
    problems = list(broken[:SHOWN])
    if len(broken) > SHOWN:
        problems.append(f"{len(broken) - SHOWN} more images have such problems")
    if len(shapes) > 1:
        problems.append(
            f"images have {len(shapes)} sizes, such as "
            + " and ".join(f"{height}×{width} ({names[0]})" for (height, width), names in list(shapes.items())[:2])
            + "; set prepare.size to resize all of them to one size"
        )
    if len(kinds) > 1:
        types = ", ".join(f"{len(names)} of type {kind} (such as {names[0]})" for kind, names in kinds.items())
        problems.append(f"images have values of several types: {types}; convert or remove some of them")
    if problems:
        raise InputError("\n".join(problems))


class _Writer:
    """Writes images (C, H, W), one after another, as rows of a file."""

    def __init__(self, file: Path, count: int, done: int = 0) -> None:
        """count: number of images. done: how many of them are in `file` already."""
        self.file, self.count, self.done = file, count, done
        self.array: np.ndarray = np.asarray(np.load(file, mmap_mode="r+")) if done else np.empty(0)

    def write(self, pixels: np.ndarray) -> None:
        """Write the next image. If it has more channels than earlier images, these get as many."""
        if self.done == 0:
            self.array = self._open(self.file, pixels.dtype, pixels.shape)
        elif len(pixels) > self.array.shape[1]:
            self._widen(len(pixels))
        elif len(pixels) < self.array.shape[1]:
            pixels = _with_channels(pixels, self.array.shape[1])
        self.array[self.done] = pixels
        self.done += 1

    def _open(self, file: Path, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
        # as a plain array: rows of a memory map take four times as long to write
        return np.asarray(np.lib.format.open_memmap(file, "w+", dtype, (self.count, *shape)))

    def _widen(self, channels: int) -> None:
        narrow, wider = self.array, self.file.with_suffix(".wider.npy")
        self.array = self._open(wider, narrow.dtype, (channels, *narrow.shape[2:]))
        for number in range(self.done):
            self.array[number] = _with_channels(narrow[number], channels)
        wider.replace(self.file)

    def flush(self) -> None:
        """Make sure that the images are in the file."""
        if isinstance(self.array.base, np.memmap):
            self.array.base.flush()

    def rows(self) -> Rows:
        """Return all images; they stay in the file."""
        self.array = np.empty(0)  # also flushes
        return np.load(self.file, mmap_mode="r")


def _with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    return with_channels(pixels.transpose(1, 2, 0), channels).transpose(2, 0, 1)
