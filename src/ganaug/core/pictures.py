"""Makes image grids and animated GIFs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ganaug.core.rows import Rows

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
"""Number of channels → Pillow's mode."""


def picture(pixels: np.ndarray) -> Image.Image:
    """Convert uint8 pixels (H, W, C) to a Pillow image."""
    return Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels, MODES[pixels.shape[2]])


def grid(images: np.ndarray, columns: int, *, min_width: int = 480, gap: int = 1) -> Image.Image:
    """Lay out uint8 images (N, C, H, W) row by row, enlarged by an integer factor to at least `min_width` pixels."""
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, channels), 255, dtype=np.uint8)
    for index, image in enumerate(images):
        top = index // columns * (height + gap) + gap
        left = index % columns * (width + gap) + gap
        sheet[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    whole = picture(sheet)
    factor = max(1, -(-min_width // whole.width))
    return whole.resize((whole.width * factor, whole.height * factor), Image.Resampling.NEAREST)


def contact_sheet(
    images: Rows, labels: np.ndarray, classes: int, columns: int = 12, above: Rows | None = None
) -> Image.Image:
    """Show the first `columns` images of each class, one row per class; missing images are grey.

    above: an image to show above each of `images`, in a separate row per class.
    """
    blank = np.full((columns, *images.shape[1:]), 128, dtype=np.uint8)
    rows = []
    for label in range(classes):
        chosen = np.flatnonzero(labels == label)[:columns]
        for shown in [images] if above is None else [above, images]:
            row = blank.copy()
            row[: len(chosen)] = shown[chosen]
            rows.append(row)
    return grid(np.concatenate(rows), columns)


def side_by_side(first: np.ndarray, second: np.ndarray, columns: int = 4) -> Image.Image:
    """Show each image of `first` with its counterpart from `second` on the right, `columns` pairs per row.

    Both are uint8, (N, C, H, W).
    """
    separator = np.full((*first.shape[:3], 1), 255, dtype=np.uint8)
    return grid(np.concatenate([first, separator, second], axis=3), columns, gap=4)


def animation(frames: Sequence[Path], path: Path, seconds: float = 6.0) -> None:
    """Write equally sized pictures as a looping GIF of about `seconds` that pauses on the last frame.

    frames: image files, in order.
    """
    pictures = [Image.open(frame).convert("RGB") for frame in frames]
    frame_ms = max(40, int(1000 * seconds / len(pictures)))
    durations = [frame_ms] * (len(pictures) - 1) + [4 * frame_ms]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations, loop=0)
