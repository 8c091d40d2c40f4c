"""A NumPy archive (.npz) with images and labels."""

import math
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.sources import Dataset, RawImages


@settings
class Npz(Dataset):
    """An .npz file: images uint8, (N, H, W) or (N, H, W, C); labels integers, (N,)."""

    images: str = "images"
    """Name of the array of images."""
    labels: str = "labels"
    """Name of the array of labels."""
    classes: str | None = None
    """Name of an array of class names, indexed by label; None: the distinct labels are the class names."""
    groups: str | None = None
    """Name of an array (N,) of group ids, such as patients; a group is never divided between splits."""

    def load(self, path: Path) -> RawImages:
        arrays = self._read_all_but_images(path)
        with _readable(path):
            images = _Images(path, self.images)
        valid = images.dtype == np.uint8 and len(images.shape) in (3, 4) and 1 <= images.channels <= 4
        if not valid or len(images) == 0:
            raise InputError(
                f"{path}: array '{self.images}' must be uint8 of shape (N, height, width) or (N, height, width, "
                f"1 to 4 channels), with N > 0, not {images.dtype} of shape {images.shape}"
            )
        labels = arrays[self.labels]
        if labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
            raise InputError(
                f"{path}: array '{self.labels}' must hold {len(images)} integers, one per image, "
                f"not {labels.dtype} of shape {labels.shape}"
            )
        if self.classes is None:
            names, labels = np.unique(labels, return_inverse=True)
        else:
            names = arrays[self.classes]
            if names.ndim != 1 or len(set(names.tolist())) < len(names):
                raise InputError(f"{path}: array '{self.classes}' must be a list of distinct class names")
            if labels.min() < 0 or labels.max() >= len(names):
                raise InputError(
                    f"{path}: labels range from {labels.min()} to {labels.max()}, but '{self.classes}' has "
                    f"{len(names)} names: labels must be in 0 to {len(names) - 1}"
                )
        groups = arrays[self.groups] if self.groups else None
        if groups is not None and groups.shape != labels.shape:
            raise InputError(
                f"{path}: array '{self.groups}' must hold {len(images)} group ids, not shape {groups.shape}"
            )
        return RawImages(
            images=images,
            labels=labels.astype(np.int64),
            classes=tuple(str(name) for name in names),
            names=[f"image {index} of {path}" for index in range(len(images))],
            groups=groups,
        )

    def _parameters(self, names: list[str]) -> list[str]:
        """Return the parameters in params.yaml that name the arrays `names`."""
        fields = {"images": self.images, "labels": self.labels, "classes": self.classes, "groups": self.groups}
        return [f"prepare.source.{field}" for field, name in fields.items() if name in names]

    def _read_all_but_images(self, path: Path) -> dict[str, np.ndarray]:
        wanted = [name for name in (self.images, self.labels, self.classes, self.groups) if name]
        with _readable(path), np.load(path, allow_pickle=False) as archive:
            missing = [name for name in wanted if name not in archive]
            if missing:
                raise InputError(
                    f"{path}: no array named {', '.join(map(repr, missing))}; the file has {', '.join(archive)}: "
                    f"set {', '.join(self._parameters(missing))} to the right names"
                )
            return {name: archive[name] for name in wanted if name != self.images}


class _Images(Iterable[np.ndarray]):
    """An array of images, (N, H, W) or (N, H, W, C), read one image at a time."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        with self._open() as file:
            self.shape, self.fortran_order, self.dtype = _header(file)

    @property
    def channels(self) -> int:
        return self.shape[3] if len(self.shape) == 4 else 1

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        with _readable(self.path), self._open() as file:
            shape = (*self.shape[1:3], self.channels)
            if self.fortran_order:  # an image's pixels are all over the file
                yield from np.lib.format.read_array(file).reshape(-1, *shape)
                return
            _header(file)
            for _ in range(len(self)):
                pixels = file.read(math.prod(shape))
                yield np.frombuffer(pixels, np.uint8).reshape(shape)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        with zipfile.ZipFile(self.path) as archive, archive.open(f"{self.name}.npy") as file:
            yield file


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Return shape, whether the order is Fortran's, and dtype of the array in `file`, and move on to its values."""
    first_version = np.lib.format.read_magic(file) == (1, 0)
    return (np.lib.format.read_array_header_1_0 if first_version else np.lib.format.read_array_header_2_0)(file)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise InputError if the archive turns out to be damaged."""
    try:
        yield
    except (OSError, EOFError, ValueError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(
            f"{path}: not a readable .npz file ({error}); write one with numpy.savez(path, images=…, labels=…) "
            f"and set prepare.path to it"
        ) from None
