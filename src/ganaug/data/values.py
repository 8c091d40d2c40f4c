"""Maps a range of values, from black to white, to the 256 grey levels of prepared images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.rows import Rows, chunks

FEWEST_LEVELS = 64
"""Number of the 256 grey levels that values must fill; if they fill fewer, the range is probably wrong."""

Percent = Annotated[float, Field(ge=0, le=100)]


@settings
class Percentiles:
    """The range between two percentiles of the training pool's values, over all its images and channels."""

    percentiles: tuple[Percent, Percent]
    """Percentiles that become black and white, such as [0.5, 99.5]."""

    def __post_init__(self) -> None:
        """Raise InputError if the percentiles are not in order."""
        if self.percentiles[0] >= self.percentiles[1]:
            raise InputError(f"values: percentiles: give the lower value first (given: {list(self.percentiles)})")


Values = Literal["type"] | tuple[float, float] | Percentiles


class Range(NamedTuple):
    """Values that become black and white."""

    low: float
    high: float


def range_of_type(kind: str, found: Range) -> Range:
    """Return the values that are black and white by the convention of the type `kind`, such as "uint16".

    found: the smallest and the largest value in the data set. Raises InputError if values are outside the range of the
    convention, or fill so little of it that few levels would be left.
    """
    whole = Range(0, 255 if kind == "uint8" else 65535 if kind == "uint16" else 1)
    levels = 255 * (found.high - found.low) / whole.high + 1
    if kind == "uint8" or (whole.low <= found.low and found.high <= whole.high and levels >= FEWEST_LEVELS):
        return whole
    fills = "" if kind != "uint16" else f", which fills {levels:.0f} of the type's 256 grey levels"
    raise InputError(
        f"prepare.values: the images are of type {kind}, with values from {found.low:g} to {found.high:g}{fills}; "
        f"say which values are black and white, such as [{found.low:g}, {found.high:g}] or {{percentiles: [0.5, 99.5]}}"
    )


def range_of_percentiles(rows: Rows, percentiles: tuple[float, float]) -> Range:
    """Return two percentiles of all values of `rows` (N, …) except NaN. Only one chunk is in memory at a time.

    Values are counted in 2¹⁶ bins of equal width, so the result is exact to 1/65536 of the range of the values.

    Raises InputError if both percentiles are the same value.
    """
    low, high = _extremes(rows)
    counts = np.zeros(2**16, np.int64)
    for chunk in chunks(rows):
        counts += np.histogram(chunk, len(counts), (low, high))[0]
    reached = np.searchsorted(np.cumsum(counts), np.array(percentiles) / 100 * counts.sum())
    first, last = (low + (high - low) * np.minimum(reached, len(counts) - 1) / (len(counts) - 1)).tolist()
    if first == last:
        raise InputError(f"prepare.values: both percentiles are {first:g}; choose others, or give [low, high]")
    return Range(first, last)


def _extremes(rows: Rows) -> Range:
    lows, highs = zip(*((np.nanmin(chunk), np.nanmax(chunk)) for chunk in chunks(rows)), strict=True)
    return Range(float(min(lows)), float(max(highs)))


def to_levels(rows: Rows, limits: Range, background: np.ndarray, file: Path) -> Rows:
    """Write `rows` (N, C, H, W) to `file` as uint8: limits.low becomes 0, limits.high 255, and the rest is clipped.

    background: (C,), uint8; the value that replaces NaN. Returns the rows of the file.
    """
    written = np.lib.format.open_memmap(file, "w+", np.uint8, rows.shape)
    start = 0
    for chunk in chunks(rows):
        levels = (chunk.astype(np.float64) - limits.low) * (255 / (limits.high - limits.low))
        levels = np.where(np.isnan(levels), background[:, None, None], levels)
        written[start : start + len(chunk)] = levels.round().clip(0, 255)
        start += len(chunk)
    return np.load(file, mmap_mode="r")
