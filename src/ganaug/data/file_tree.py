"""Lists every file below a folder, or in a zip or tar archive, which is read without being unpacked."""

from __future__ import annotations

import atexit
import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from ganaug.core.errors import InputError
from ganaug.data.image_files import EncodedImage

CLUTTER = frozenset({"__MACOSX", "@eaDir", "lost+found", "System Volume Information", "$RECYCLE.BIN", "#recycle"})
"""Folders that operating systems make beside people's data."""

COMPRESSED: dict[bytes, Callable[[Path], IO[bytes]]] = {
    b"\x1f\x8b": gzip.GzipFile,  # type: ignore[dict-item]
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
}
"""First bytes of a compressed tar archive → the function that opens it."""

LARGEST_FILE = 2**30
"""Bytes of one file in an archive; anything larger is no image."""

LARGEST_RATIO = 200
"""Largest ratio of an archive's content to its own size; more is an attack on the disk."""


class Entry(NamedTuple):
    """A file. parts: its path below the top, split into folders. file: None if it is not read; `why` then says why.

    An empty folder is an entry too; its last part is empty.
    """

    parts: tuple[str, ...]
    file: EncodedImage | None
    why: str = ""


def is_archive(path: Path) -> bool:
    """Whether the file at `path` is a zip or tar archive, by its content."""
    return path.is_file() and (zipfile.is_zipfile(path) or tarfile.is_tarfile(path))


def list_files(path: Path, named: str = "prepare.path") -> list[Entry]:
    """Return an entry for every file below `path`, a folder or an archive, in the order of their paths.

    Hidden files, files that systems make, links and special files are entries that are not read. named: the parameter
    to correct if `path` is wrong.

    Raises InputError if `path` is neither, and for anything that cannot be listed: links to folders, whose content DVC
    would not watch, names that are not UTF-8, damaged archives, and archives that are an attack.
    """
    if not path.is_dir() and not is_archive(path):
        raise InputError(f"{path}: no such folder, zip or tar archive; correct {named}")
    listed = _in_folder(path) if path.is_dir() else _archived(path, path.stat().st_mtime_ns, path.stat().st_size)
    entries = sorted(listed, key=lambda entry: entry.parts)
    for entry in entries:
        try:
            "/".join(entry.parts).encode()
        except UnicodeEncodeError:
            raise InputError(f"{path}: the name of {'/'.join(entry.parts)!a} is not UTF-8; rename it") from None
    return [entry._replace(file=None, why=why) if (why := _clutter(entry.parts)) else entry for entry in entries]


def choose_files(
    path: Path, suffixes: Collection[str], kind: str, named: str = "prepare.path"
) -> tuple[list[tuple[str, ...]], list[EncodedImage], Counter[str]]:
    """Return the paths and files below `path` that have one of `suffixes`, and counts of the files left out.

    Paths are split into folders; counts are reason → number of files. kind: name of files with these suffixes, such as
    "images". For `named`, and for errors, see `list_files`.
    """
    paths: list[tuple[str, ...]] = []
    files: list[EncodedImage] = []
    left_out: Counter[str] = Counter()
    for entry in list_files(path, named):
        suffix = PurePosixPath(entry.parts[-1]).suffix.lower()
        if entry.file is None or suffix not in suffixes:
            left_out[entry.why or f"no {kind} ({suffix or 'no suffix'})"] += 1
            continue
        paths.append(entry.parts)
        files.append(entry.file)
    return paths, files, left_out


def _clutter(parts: tuple[str, ...]) -> str:
    if CLUTTER.intersection(parts):
        return "made by the system"
    return "hidden" if any(part.startswith(".") for part in parts) else ""


def _in_folder(top: Path) -> Iterator[Entry]:
    links = []
    for folder, folders, files in os.walk(top, onerror=_refuse):
        here = Path(folder)
        links += [here / name for name in folders if (here / name).is_symlink()]
        if not folders and not files:
            yield Entry((*here.relative_to(top).parts, ""), None, "empty folders")
        for name in files:
            parts = (here / name).relative_to(top).parts
            try:
                regular = stat.S_ISREG((here / name).stat().st_mode)
            except OSError:
                yield Entry(parts, None, "broken links")
                continue
            yield Entry(parts, EncodedImage.at(here / name)) if regular else Entry(parts, None, "special files")
    links = [link for link in links if not _clutter(link.relative_to(top).parts)]
    if links:
        raise InputError(
            f"{links[0]}: a link to a folder, whose files DVC would not watch"
            + (f" ({len(links)} such links)" if len(links) > 1 else "")
            + "; put the files themselves there, or set prepare.path to the folder that has them"
        )


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be listed ({error.strerror}); make it readable, or remove it") from None


@cache  # `ganaug init` lists an archive for several sources, which would decompress it each time
def _archived(path: Path, _modified: int, _size: int) -> tuple[Entry, ...]:
    return tuple(_in_archive(path))


def _in_archive(path: Path) -> Iterator[Entry]:
    try:
        yield from _in_zip(path) if zipfile.is_zipfile(path) else _in_tar(path)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise InputError(f"{path}: not a readable zip or tar archive ({error}); fix it, or unpack it") from None


def _in_zip(path: Path) -> Iterator[Entry]:
    for info in _opened(path, os.getpid()).infolist():
        if info.is_dir():
            continue
        parts = _safe(path, info.filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            yield Entry(parts, None, "links")
        elif info.flag_bits & 1:
            raise InputError(f"{path}: {info.filename} is encrypted; unpack the archive")
        else:
            _check_size(path, info.filename, info.file_size, max(1, info.compress_size))
            opened = partial(_read_zipped, path, info.filename)
            yield Entry(parts, EncodedImage(f"{path}: {info.filename}", opened, path))


@cache
def _opened(path: Path, _process: int) -> zipfile.ZipFile:
    """Open an archive once in each process: forked processes would share one position in an open file."""
    return zipfile.ZipFile(path)


def _read_zipped(path: Path, name: str) -> IO[bytes]:
    return _opened(path, os.getpid()).open(name)


def _in_tar(path: Path) -> Iterator[Entry]:
    plain = path
    with path.open("rb") as file:
        start = file.read(6)
    for magic, opener in COMPRESSED.items():
        if start.startswith(magic):
            plain = _decompressed(path, opener)
    with tarfile.open(plain, "r:") as archive:
        for member in archive:
            if member.isdir():
                continue
            parts = _safe(path, member.name)
            if not member.isreg() or member.issparse():
                yield Entry(parts, None, "links" if member.islnk() or member.issym() else "special files")
            else:
                _check_size(path, member.name, member.size, member.size)
                opened = partial(_read_at, plain, member.offset_data, member.size)
                yield Entry(parts, EncodedImage(f"{path}: {member.name}", opened, path))


def _safe(archive: Path, name: str) -> tuple[str, ...]:
    """Return the parts of an archived path. Raises InputError if it leads out of the archive."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0]:
        raise InputError(f"{archive}: {name!r} leads out of the archive; do not use such an archive")
    return parts


def _check_size(archive: Path, name: str, size: int, compressed: int) -> None:
    if size > LARGEST_FILE or size > LARGEST_RATIO * compressed + 2**20:
        raise InputError(
            f"{archive}: {name} has {size:,} bytes, stored in {compressed:,}; that is too large for an image: remove it"
        )


def _read_at(path: Path, start: int, size: int) -> IO[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        return io.BytesIO(file.read(size))


def _decompressed(path: Path, opener: Callable[[Path], IO[bytes]]) -> Path:
    """Decompress a tar archive to a temporary file, so that its files can be read in any order; return its path."""
    handle, name = tempfile.mkstemp(suffix=".tar")
    atexit.register(Path(name).unlink, missing_ok=True)  # at the end of this process, not of those that decode
    most = LARGEST_RATIO * path.stat().st_size + 2**20
    with open(handle, "wb") as unpacked, opener(path) as packed:  # noqa: PTH123  already open
        while block := packed.read(2**20):
            unpacked.write(block)
            if unpacked.tell() > most:
                raise InputError(f"{path}: holds over {LARGEST_RATIO} times its own size; that is not a set of images")
    return Path(name)
