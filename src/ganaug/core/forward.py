"""Forward passes over many inputs, one chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from ganaug.core.rows import Rows

Array = Rows | Tensor


def forward_chunks(
    function: Callable[..., Tensor],
    *inputs: Array,
    size: int,
    device: str | torch.device = "cpu",
    fill: bool = False,
) -> Iterator[Tensor]:
    """Yield `function`'s results, (n, …) on the CPU, for chunks of `size` rows in turn.

    function: called without gradients, with the same rows of every input, on `device`; returns one row per input row.
    inputs: arrays or tensors with the same number of rows N. fill: top up the last chunk with rows from the beginning,
    so that every call gets exactly `size` rows; the extra results are dropped.

    If there are no rows, `function` is called once with empty inputs to give the result the right shape and type.
    """
    count = len(inputs[0])
    for start in range(0, max(count, 1), size):
        stop = min(start + size, count)
        rows: slice | np.ndarray = slice(start, stop)
        if fill and 0 < stop < start + size:
            rows = np.arange(start, start + size) % count
        chunk = [_rows(array, rows).to(device) for array in inputs]
        with torch.no_grad():  # not inference_mode: what a network caches here may be needed in training
            results = function(*chunk)
        yield results[: stop - start].cpu()


def forward(
    function: Callable[..., Tensor],
    *inputs: Array,
    size: int,
    device: str | torch.device = "cpu",
    fill: bool = False,
) -> Tensor:
    """Return the results of `forward_chunks` as one tensor, (N, …) on the CPU."""
    return torch.cat(list(forward_chunks(function, *inputs, size=size, device=device, fill=fill)))


def _rows(array: Array, rows: slice | np.ndarray) -> Tensor:
    # copied because memory-mapped arrays are read-only, which PyTorch does not support
    return array[rows] if isinstance(array, Tensor) else torch.from_numpy(np.array(array[rows]))
