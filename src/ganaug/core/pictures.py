"""Grids of images as PNG, and animations of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def picture(pixels: np.ndarray) -> Image.Image:
    """Return pixels (H, W, C), uint8, as Pillow has them."""
    return Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels, MODES[pixels.shape[2]])


def grid(images: np.ndarray, columns: int, *, at_least: int = 480, gap: int = 1) -> Image.Image:
    """Lay out images (N, C, H, W), uint8, row by row, enlarged by a whole factor to `at_least` pixels of width."""
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, channels), 255, dtype=np.uint8)
    for index, image in enumerate(images):
        top = index // columns * (height + gap) + gap
        left = index % columns * (width + gap) + gap
        sheet[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    whole = picture(sheet)
    factor = max(1, -(-at_least // whole.width))
    return whole.resize((whole.width * factor, whole.height * factor), Image.Resampling.NEAREST)


def contact_sheet(images: np.ndarray, labels: np.ndarray, classes: int, columns: int = 12) -> Image.Image:
    """One row a class, its first `columns` images; a class with fewer has grey places."""
    blank = np.full((columns, *images.shape[1:]), 128, dtype=np.uint8)
    rows = []
    for label in range(classes):
        row = blank.copy()
        chosen = np.flatnonzero(labels == label)[:columns]
        row[: len(chosen)] = images[chosen]
        rows.append(row)
    return grid(np.concatenate(rows), columns)


def side_by_side(first: np.ndarray, second: np.ndarray, columns: int = 4) -> Image.Image:
    """Lay out pairs of images, `columns` pairs a row: one of `first` on the left, its partner of `second` beside it.

    Both are (N, C, H, W), uint8.
    """
    between = np.full((*first.shape[:3], 1), 255, dtype=np.uint8)
    return grid(np.concatenate([first, between, second], axis=3), columns, gap=4)


def animation(frames: Sequence[Path], path: Path, seconds: float = 6.0) -> None:
    """Write pictures of one size as a GIF that runs about `seconds`, stays on the last one, and starts again."""
    pictures = [Image.open(frame).convert("RGB") for frame in frames]
    pace = max(40, int(1000 * seconds / len(pictures)))
    pace_each = [pace] * (len(pictures) - 1) + [4 * pace]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=pace_each, loop=0)
