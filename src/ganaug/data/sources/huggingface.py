"""A data set of Hugging Face's library `datasets`, saved on disk."""

import io
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.core.extras import optional
from ganaug.data.image_files import EncodedImage
from ganaug.data.labels import class_labels
from ganaug.data.sources import Dataset, RawImages, usual_split


@settings
class Huggingface(Dataset):
    """A folder written by `save_to_disk`, of one set or of several splits."""

    image: str = "image"
    """Column of the images."""
    label: str = "label"
    """Column of the labels."""
    group: str | None = None
    """Column of groups, such as patients; a group is never divided between splits."""

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        return {} if any((path / name).is_file() for name in ("dataset_dict.json", "state.json")) else None

    def load(self, path: Path) -> RawImages:
        datasets = optional("datasets", "huggingface")
        try:
            saved = datasets.load_from_disk(str(path))
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: not a data set saved on disk ({error}); correct prepare.path") from None
        parts = {_split(path, name): part for name, part in saved.items()} if isinstance(saved, dict) else {"": saved}
        for part in parts.values():
            missing = [name for name in (self.image, self.label, self.group) if name and name not in part.column_names]
            if missing:
                raise InputError(
                    f"{path}: {unknown('column', missing[0], part.column_names)}; set prepare.source.image, label or "
                    f"group to it"
                )
        first = next(iter(parts.values()))
        names = getattr(first.features[self.label], "names", None)
        labels, classes = class_labels(
            np.concatenate([np.asarray(part.with_format("numpy")[self.label][:]) for part in parts.values()]), names
        )
        encoded = [part.cast_column(self.image, datasets.Image(decode=False)) for part in parts.values()]
        return RawImages(
            images=_Images(path, encoded, self.image),
            labels=labels,
            classes=classes,
            names=[f"{path}: row {row} {split}".strip() for split, part in parts.items() for row in range(len(part))],
            groups=np.array([value for part in parts.values() for value in part[self.group]]) if self.group else None,
            splits=np.repeat(list(parts), [len(part) for part in parts.values()]) if "" not in parts else None,
        )


class _Images:
    """The images of all parts, encoded as they are stored."""

    def __init__(self, path: Path, parts: list[Any], column: str) -> None:
        self.path, self.parts, self.column = path, parts, column

    def __iter__(self) -> Iterator[EncodedImage]:
        for row in chain.from_iterable(self.parts):
            stored = row[self.column]
            if stored["bytes"] is None:
                raise InputError(f"{self.path}: {stored['path']} is not in the data set; save it with its images")
            yield EncodedImage(str(stored["path"] or self.path), partial(io.BytesIO, stored["bytes"]))


def _split(path: Path, name: str) -> str:
    if split := usual_split(name):
        return split
    raise InputError(f"{path}: the split {name!r} is none of train, validation and test; save the data set without it")
