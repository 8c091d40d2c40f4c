"""NumPy's files: an archive (.npz), or a folder of .npy files."""

import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.array_source import ArraySource, Stored


@settings
class Npz(ArraySource):
    """An .npz archive; or a folder of .npy files, each of which is an array with the file's name."""

    def arrays(self, path: Path) -> Mapping[str, Stored]:
        with _readable(path):
            if path.is_dir():
                files = sorted(path.glob("*.npy"))
                return {file.stem: np.load(file, mmap_mode="r", allow_pickle=False) for file in files}
            with zipfile.ZipFile(path) as archive:
                names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            return {name: _Member(path, name) for name in names}


class _Member:
    """An array in an archive, read row by row."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        with self._open() as file:
            self.shape, self.fortran_order, self.dtype = _header(file)
        if self.dtype.hasobject:
            self.dtype = np.dtype(object)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        with _readable(self.path), self._open() as file:
            return np.lib.format.read_array(file, allow_pickle=False)

    def __iter__(self) -> Iterator[np.ndarray]:
        if self.fortran_order or not self.shape:  # a row's values are spread over the whole file
            yield from np.asarray(self)
            return
        with _readable(self.path), self._open() as file:
            _header(file)
            shape = self.shape[1:]
            for _ in range(self.shape[0]):
                values = file.read(math.prod(shape) * self.dtype.itemsize)
                yield np.frombuffer(values, self.dtype).reshape(shape)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.name}.npy") as file:
            yield file


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return the shape of the array in `file`, whether its order is Fortran's, and its dtype; move on to its values."""
    first_version = np.lib.format.read_magic(file) == (1, 0)
    return (np.lib.format.read_array_header_1_0 if first_version else np.lib.format.read_array_header_2_0)(file)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise InputError if a file turns out to be damaged, or to hold pickled objects."""
    try:
        yield
    except (OSError, EOFError, ValueError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(
            f"{path}: not a readable .npz file or folder of .npy files ({error}); write one with "
            f"numpy.savez(path, images=…, labels=…) and set prepare.path to it"
        ) from None
