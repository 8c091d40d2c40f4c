"""Arrays in an HDF5 file."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.extras import optional
from ganaug.core.rows import chunks
from ganaug.data.array_source import ArraySource, Stored


@settings
class Hdf5(ArraySource):
    """An HDF5 file. The name of an array may be a path in the file, such as `train/images`."""

    def arrays(self, path: Path) -> Mapping[str, Stored]:
        h5py = optional("h5py", "hdf5")
        stored: dict[str, Stored] = {}

        def add(name: str, item: Any) -> None:
            if not isinstance(item, h5py.Dataset):
                return
            if item.external or item.is_virtual:
                raise InputError(f"{path}: array '{name}' is stored in other files; copy it into this one")
            stored[name] = _Array(item)

        try:
            h5py.File(path, "r").visititems(add)  # does not follow links
        except OSError as error:
            raise InputError(f"{path}: not a readable HDF5 file ({error}); set prepare.path to one") from None
        return stored


class _Array:
    """An array in an open file, read in chunks of rows."""

    def __init__(self, dataset: Any) -> None:
        self.dataset, self.shape, self.dtype, self.ndim = dataset, dataset.shape, dataset.dtype, dataset.ndim

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, key: Any) -> np.ndarray:
        return np.asarray(self.dataset[key])

    def __iter__(self) -> Iterator[np.ndarray]:
        for chunk in chunks(self):
            yield from chunk

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.dataset[()], dtype=dtype)
