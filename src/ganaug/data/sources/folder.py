"""A folder of image files with one sub-folder a class."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.sources import Dataset, RawImages

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})

MODES = {"1": "L", "L": "L", "LA": "LA", "RGB": "RGB", "RGBA": "RGBA"}
"""How an image file's mode is read; every other mode is read as RGB, 16-bit grey by its upper 8 bits."""


@settings
class Folder(Dataset):
    """Image files of any mode and size, `<class>/**/<file>`; hidden files and other types are left alone."""

    group: str | None = None
    r"""Regular expression; its first group in a file's path below the class folder says what the file belongs to, such
    as `^(patient\d+)_`: a group stays on one side of the split. None: each file stands alone."""

    def __post_init__(self) -> None:
        """Raise InputError if `group` is no regular expression with a group in it."""
        try:
            pattern = re.compile("()" if self.group is None else self.group)
        except re.error as error:
            raise InputError(f"group: {self.group} is no regular expression: {error}") from None
        if pattern.groups < 1:
            raise InputError(f"group: {self.group} needs a (group) in parentheses")

    def load(self, path: Path) -> RawImages:
        if not path.is_dir():
            raise InputError(f"{path}: no such folder; name in prepare.path a folder with one sub-folder a class")
        folders = sorted(item for item in path.iterdir() if item.is_dir() and not item.name.startswith("."))
        files = {folder: list(_image_files(folder)) for folder in folders}
        empty = [str(folder) for folder in folders if not files[folder]]
        if len(folders) < 2 or empty:
            raise InputError(
                f"{path}: expected at least two sub-folders, one a class, each with image files "
                f"({', '.join(sorted(SUFFIXES))}); "
                + (f"no image file in: {', '.join(empty)}" if empty else f"found {len(folders)} sub-folder(s)")
            )
        paths = [file for folder in folders for file in files[folder]]
        return RawImages(
            images=_LazyImages(paths),
            labels=np.repeat(np.arange(len(folders), dtype=np.int64), [len(files[folder]) for folder in folders]),
            classes=tuple(folder.name for folder in folders),
            names=[str(file) for file in paths],
            groups=self._groups(path, paths),
        )

    def _groups(self, root: Path, paths: list[Path]) -> np.ndarray | None:
        if self.group is None:
            return None
        matches = {file: re.search(self.group, "/".join(file.relative_to(root).parts[1:])) for file in paths}
        strays = [str(file) for file, match in matches.items() if match is None or match[1] is None]
        if strays:
            raise InputError(
                f"prepare.source.group: {self.group} matches nothing in the path below the class folder of "
                f"{len(strays)} of {len(paths)} files, as {strays[0]}; mend the expression, or rename the files"
            )
        return np.array([match[1] for match in matches.values() if match])


class _LazyImages(Iterable[np.ndarray]):
    """Reads one file at a time, so that memory holds one full-size picture only."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths

    def __iter__(self) -> Iterator[np.ndarray]:
        return map(_read, self.paths)


def _image_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if file.suffix.lower() in SUFFIXES and file.is_file() and not hidden:
            yield file


def _read(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith("I"):  # PIL would clip 16-bit grey at 255 instead of scaling it
                return (np.asarray(upright, dtype=np.int64) >> 8).clip(0, 255).astype(np.uint8)[..., None]
            pixels = np.asarray(upright.convert(MODES.get(upright.mode, "RGB")))
            return pixels if pixels.ndim == 3 else pixels[..., None]
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        size = path.stat().st_size
        reason = "is empty (0 bytes)" if size == 0 else f"cannot be read as an image ({error})"
        raise InputError(f"{path}: {reason}; mend or remove the file") from None
