"""A table with one row per image, beside the image files."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import IO, Annotated, Any

import numpy as np
from pydantic import Field

from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.core.extras import optional
from ganaug.data.file_tree import Entry, is_archive, list_files
from ganaug.data.images import UNLABELLED
from ganaug.data.labels import class_labels, is_unknown
from ganaug.data.sources import SPLITS, Dataset, RawImages, usual_split

SEPARATORS = {".csv": ",;\t", ".tsv": "\t", ".txt": "\t,;"}
"""Suffix of a text table → characters that may separate its columns."""


LABELS = ("label", "class", "class_name", "target", "category", "diagnosis", "dx", "y")
"""Usual names of the column of labels."""


@settings
class Table(Dataset):
    """A table (.csv, .tsv, .txt, .parquet, .jsonl) and image files in one folder, or in a zip or tar archive of it."""

    file: str
    """The table, as a path below `prepare.path`."""
    image: str = "path"
    """Column of the images' paths."""
    label: str = "label"
    """Column of the class names."""
    split: str | None = None
    """Column of the data's own splits: train, val (or valid, validation) and test."""
    group: str | None = None
    """Column of groups, such as patients; a group is never divided between splits. An image without a group is its own
    group."""
    description: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Column of descriptions; or several columns of attributes, which become `name=value, name=value`; commas within a
    value become semicolons."""
    domain: str | None = None
    """Column of domains, such as scanners; images whose value is not `target` are of another domain, and need no
    label."""
    target: str | None = None
    """The domain of the images to classify: a value of column `domain`."""
    folder: str = ""
    """Folder below `prepare.path` that the image paths start from."""
    suffix: str = ""
    """Suffix to append to the image paths, such as `.jpg`."""

    def __post_init__(self) -> None:
        """Raise InputError if only one of `domain` and `target` is given."""
        if (self.domain is None) != (self.target is None):
            raise InputError("domain, target: set both, or none: a column, and its value in the images to classify")

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        if not path.is_dir() and not is_archive(path):
            return None
        entries = {"/".join(entry.parts): entry for entry in list_files(path)}
        for name, entry in entries.items():
            if entry.file is None or PurePath(name).suffix.lower() not in (*SEPARATORS, ".parquet", ".jsonl"):
                continue
            try:
                with entry.file.open() as stream:
                    columns = _read(stream, PurePath(name).suffix.lower(), None)
            except Exception:  # another kind of table, or no table
                continue
            options = _recognised(columns, set(entries))
            if options:
                return {"file": name, **options}
        return None

    def load(self, path: Path) -> RawImages:
        entries = {"/".join(entry.parts): entry for entry in list_files(path)}
        if self.file not in entries or entries[self.file].file is None:
            tables = [name for name in entries if PurePath(name).suffix.lower() in (*SEPARATORS, ".parquet", ".jsonl")]
            raise InputError(f"{path}: prepare.source.file: {unknown('table', self.file, tables)}")
        rows = self._rows(path, entries[self.file])
        files = [str(PurePath(self.folder, name + self.suffix)) for name in rows[self.image]]
        self._check(path, rows, files, entries)
        labels, classes = _labels(rows[self.label])
        images = [file for name in files if (file := entries[name].file)]
        named = {*files, self.file}
        return RawImages(
            images=images,
            labels=labels,
            classes=classes,
            names=[file.name for file in images],
            groups=np.array(rows[self.group], dtype=object) if self.group else None,
            splits=np.array([_split(value) for value in rows[self.split]]) if self.split else None,
            other_domain=np.array(rows[self.domain]) != self.target if self.domain else None,
            descriptions=self._descriptions(rows),
            left_out=Counter(entry.why or "not in the table" for name, entry in entries.items() if name not in named),
        )

    def _descriptions(self, rows: Mapping[str, Sequence[str]]) -> list[str] | None:
        if self.description is None or isinstance(self.description, str):
            return None if self.description is None else list(rows[self.description])
        columns = [
            [f"{name}={value}".replace(",", ";") if value else "" for value in rows[name]] for name in self.description
        ]
        return [", ".join(filter(None, parts)) for parts in zip(*columns, strict=True)]

    def _rows(self, path: Path, entry: Entry) -> dict[str, list[Any]]:
        """Return the columns that are used, as texts. Raises InputError if one is missing."""
        described = [self.description] if isinstance(self.description, str) else self.description or ()
        wanted = [name for name in (self.image, self.label, self.split, self.group, self.domain, *described) if name]
        try:
            assert entry.file is not None
            with entry.file.open() as stream:
                columns = _read(stream, PurePath(self.file).suffix.lower(), wanted)
        except InputError as error:
            raise InputError(f"{path}: {self.file}: {error}") from None
        except Exception as error:  # pandas and pyarrow raise errors of many kinds for damaged files
            raise InputError(f"{path}: {self.file} cannot be read as a table ({error}); fix it") from None
        return columns

    def _check(self, path: Path, rows: dict[str, list[Any]], files: list[str], entries: dict[str, Entry]) -> None:
        """Raise InputError for rows without a file or label, and for files that several rows name."""
        missing = [name for name in files if name not in entries or entries[name].file is None]
        if missing:
            raise InputError(
                f"{path}: {self.file} names {len(missing)} files that are not there, such as {missing[0]}; correct the "
                f"table, or prepare.source.folder and prepare.source.suffix"
            )
        domains = rows[self.domain] if self.domain else [self.target] * len(files)
        labels = zip(files, rows[self.label], domains, strict=True)
        nameless = [file for file, label, domain in labels if is_unknown(label) and domain == self.target]
        if nameless:
            raise InputError(
                f"{path}: {self.file} has {len(nameless)} rows without a {self.label}, such as that of {nameless[0]}; "
                f"fill them in or remove them"
            )
        if self.domain and self.target not in rows[self.domain]:
            domains = sorted(set(rows[self.domain]))
            problem = unknown("domain", str(self.target), domains)
            raise InputError(f"{path}: {self.file}: prepare.source.target: {problem}")
        again = [name for name, count in Counter(files).items() if count > 1]
        if again:
            raise InputError(
                f"{path}: {self.file} names {len(again)} files more than once, such as {again[0]}; keep one row, with "
                f"one class, per image"
            )


def _recognised(columns: Mapping[str, list[str]], files: set[str]) -> dict[str, Any] | None:
    """Return the options for a table with these columns beside these files, or None if it does not name the files."""
    folders = sorted({"", *(str(PurePath(file).parent) for file in files)} - {"."})
    suffixes = sorted({"", *(PurePath(file).suffix for file in files)})
    image = next(
        (
            {"image": name, "folder": folder, "suffix": suffix}
            for name, values in columns.items()
            for folder in folders
            for suffix in suffixes
            if values and all(str(PurePath(folder, value + suffix)) in files for value in values[:50])
        ),
        None,
    )
    named = {name.lower(): name for name in columns}
    label = next((named[usual] for usual in LABELS if usual in named), None)
    if image is None or label is None:
        return None
    split = next((named[usual] for usual in ("split", "set", "subset", "partition", "part") if usual in named), None)
    if split and not {_split(value) for value in columns[split]} <= set(SPLITS):
        split = None
    group = next((named[usual] for usual in ("patient", "patient_id", "subject", "group") if usual in named), None)
    options = image | {"label": label, "split": split, "group": group}
    return {option: value for option, value in options.items() if value}


def _read(stream: IO[bytes], suffix: str, wanted: Sequence[str] | None) -> dict[str, list[Any]]:
    """Read the columns `wanted` of a table, or all, as texts; missing values become empty texts."""
    import pandas as pd

    chosen = list(dict.fromkeys(wanted or ()))
    if suffix == ".parquet":
        optional("pyarrow", "parquet")  # pandas reads Parquet with it
        table = pd.read_parquet(stream)
    elif suffix == ".jsonl":
        table = pd.read_json(stream, lines=True, dtype=False)
    elif suffix in SEPARATORS:
        header = stream.readline().decode("utf-8-sig")
        stream.seek(0)
        separator = max(SEPARATORS[suffix], key=header.count)
        table = pd.read_csv(
            stream,
            sep=separator,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            usecols=(lambda name: name in chosen) if chosen else None,
        )
        _check_columns(chosen, table.columns, [name.strip().strip('"') for name in header.split(separator)])
    else:
        raise InputError("a table ends in .csv, .tsv, .txt, .parquet or .jsonl; convert it")
    _check_columns(chosen, table.columns, list(table.columns))
    filled = table[chosen or list(table.columns)].astype(object)
    filled = filled.where(filled.notna(), "")
    return {name: [str(value) for value in filled[name]] for name in filled.columns}


def _check_columns(wanted: Sequence[str], read: Iterable[str], columns: list[str]) -> None:
    """Raise InputError if a wanted column was not read. columns: all columns of the table."""
    missing = [name for name in wanted if name not in set(read)]
    if missing:
        raise InputError(
            f"{unknown('column', missing[0], columns[:50])}; set prepare.source.image, label, split, group, … to one"
        )


def _labels(values: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels (N,) int64, UNLABELLED where there is none, and the class names."""
    labelled = np.array([not is_unknown(value) for value in values])
    labels = np.full(len(values), UNLABELLED)
    names = [value for value in values if not is_unknown(value)]
    labels[labelled], classes = class_labels(np.array(names), _in_order(names))
    return labels, classes


def _in_order(labels: Sequence[str]) -> list[str]:
    """Return the distinct labels, by number if all are integers."""
    names = sorted(set(labels))
    return sorted(names, key=int) if all(re.fullmatch(r"-?\d+", name) for name in names) else names


def _split(value: str) -> str:
    """Return the split that `value` is a usual name of; other values are returned unchanged."""
    return usual_split(value.strip().lower()) or value
