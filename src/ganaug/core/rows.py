"""Arrays that are too large for memory: selected rows, read only when used, and files written in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np

CHUNK_BYTES = 2**24
"""Bytes of an array that are in memory at a time."""


class Rows(Protocol):
    """Rows of data, in memory or in a file: an array, or SelectedRows."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, then the shape of each."""

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""

    @property
    def ndim(self) -> int:
        """Length of `shape`."""

    def __len__(self) -> int: ...

    def __getitem__(self, key: Any, /) -> Any:
        """Return an array of the rows at `key`: a number, a slice or an array of numbers."""


class SelectedRows:
    """Some rows of an array, in any order, read only when used."""

    def __init__(self, whole: Rows, numbers: np.ndarray) -> None:
        """whole: (M, …). numbers: indices of the selected rows, (N,) integers in 0 … M - 1."""
        self.whole: Rows = whole.whole if isinstance(whole, SelectedRows) else whole
        self.numbers: np.ndarray = whole.numbers[numbers] if isinstance(whole, SelectedRows) else numbers

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of selected rows, then the shape of each."""
        return (len(self.numbers), *self.whole.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""
        return self.whole.dtype

    @property
    def ndim(self) -> int:
        """Length of `shape`."""
        return self.whole.ndim

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, key: Any) -> np.ndarray:
        return np.asarray(self.whole[self.numbers[key]])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Read all rows, for NumPy's functions."""
        return np.asarray(self[:], dtype=dtype)


def select(rows: Rows, numbers: np.ndarray) -> Rows:
    """Return the rows with these `numbers`: a copy if `rows` is in memory, SelectedRows if it is a file."""
    if isinstance(rows, np.memmap | SelectedRows):
        return SelectedRows(rows, numbers)
    return rows[numbers]


def chunks(rows: Rows) -> Iterator[np.ndarray]:
    """Yield all rows as arrays of about CHUNK_BYTES."""
    row_bytes = int(np.prod(rows.shape[1:])) * rows.dtype.itemsize
    size = max(1, CHUNK_BYTES // max(1, row_bytes))
    for start in range(0, len(rows), size):
        yield np.ascontiguousarray(rows[start : start + size])


def save_rows(path: Path, rows: Rows) -> None:
    """Write the bytes that `numpy.save` would write, a chunk at a time."""
    header = {"descr": np.lib.format.dtype_to_descr(rows.dtype), "fortran_order": False, "shape": tuple(rows.shape)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks(rows):
            file.write(chunk.data)
