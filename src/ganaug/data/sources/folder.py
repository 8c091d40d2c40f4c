"""A folder of image files with one sub-folder per class."""

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
"""Pillow's mode of a file → mode it is converted to. Other modes become RGB; 16-bit grey keeps its upper 8 bits."""


@settings
class Folder(Dataset):
    """Image files of any mode and size in `<class>/**/<file>`. Hidden files and other file types are ignored."""

    group: str | None = None
    r"""Regular expression such as `^(patient\d+)_`, searched in each file's path below the class folder. Files with the
    same text in its first parentheses form a group, which is never divided between splits. None: no groups."""

    def __post_init__(self) -> None:
        """Raise InputError if `group` is not a regular expression with parentheses."""
        try:
            pattern = re.compile("()" if self.group is None else self.group)
        except re.error as error:
            raise InputError(f"group: {self.group} is not a valid regular expression ({error}); correct it") from None
        if pattern.groups < 1:
            raise InputError(f"group: {self.group} needs parentheses around the part that names the group")

    def load(self, path: Path) -> RawImages:
        if not path.is_dir():
            raise InputError(f"{path}: no such folder; set prepare.path to a folder with one sub-folder per class")
        folders = sorted(item for item in path.iterdir() if item.is_dir() and not item.name.startswith("."))
        files = {folder: list(_image_files(folder)) for folder in folders}
        empty = [str(folder) for folder in folders if not files[folder]]
        if len(folders) < 2 or empty:
            raise InputError(
                f"{path}: expected at least two sub-folders, one per class, each with image files "
                f"({', '.join(sorted(SUFFIXES))}); "
                + (f"no image files in: {', '.join(empty)}" if empty else f"found {len(folders)} sub-folder(s)")
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
        unmatched = [str(file) for file, match in matches.items() if match is None or match[1] is None]
        if unmatched:
            raise InputError(
                f"prepare.source.group: {self.group} finds no group in the path below the class folder of "
                f"{len(unmatched)} of {len(paths)} files, such as {unmatched[0]}; fix the expression or rename "
                f"the files"
            )
        return np.array([match[1] for match in matches.values() if match])


class _LazyImages(Iterable[np.ndarray]):
    """Reads one file at a time, so that only one full-size image is in memory."""

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
            if upright.mode.startswith("I"):  # Pillow would clip 16-bit grey at 255 instead of scaling it
                return (np.asarray(upright, dtype=np.int64) >> 8).clip(0, 255).astype(np.uint8)[..., None]
            pixels = np.asarray(upright.convert(MODES.get(upright.mode, "RGB")))
            return pixels if pixels.ndim == 3 else pixels[..., None]
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        size = path.stat().st_size
        reason = "empty file" if size == 0 else f"cannot be read as an image ({error})"
        raise InputError(f"{path}: {reason}; fix or remove it") from None
