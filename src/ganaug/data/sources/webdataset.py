"""WebDataset: tar shards in which the files of a sample share a name, such as 0007.jpg and 0007.cls."""

import json
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.file_tree import Entry, is_archive, list_files
from ganaug.data.image_files import SUFFIXES, EncodedImage
from ganaug.data.labels import class_labels
from ganaug.data.sources import SPLITS, Dataset, RawImages


@settings
class Webdataset(Dataset):
    """A tar shard, or a folder of shards. Shards are read without being unpacked, and nothing in them is executed."""

    label: str = "cls"
    """Suffix of the files that hold the label, without the dot; or a key of the samples' .json files."""
    group: str | None = None
    """Suffix or key for groups, as in `label`, such as patients; a group is never divided between splits."""
    splits: bool = False
    """Whether the names of shards begin with their splits, as in train-0000.tar, val-0000.tar, test-0000.tar."""

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        shards = sorted(path.glob("*.tar")) if path.is_dir() else [path]
        if (
            not shards
            or not is_archive(shards[0])
            or not any(_key(entry)[1] == "cls" for entry in list_files(shards[0]))
        ):
            return None
        named = all(shard.name.lower().startswith(sum(SPLITS.values(), ())) for shard in shards)
        return {"splits": True} if named else {}

    def load(self, path: Path) -> RawImages:
        shards = sorted(path.rglob("*.tar*")) if path.is_dir() else [path]
        if not shards or not all(is_archive(shard) for shard in shards):
            raise InputError(f"{path}: no tar shards there; set prepare.path to a shard, or to a folder of .tar files")
        images: list[EncodedImage] = []
        labels: list[Any] = []
        groups: list[Any] = []
        splits: list[str] = []
        left_out: Counter[str] = Counter()
        for shard in shards:
            for sample in self._samples(shard, left_out):
                images.append(next(file for suffix, file in sample.items() if f".{suffix}" in SUFFIXES))
                labels.append(self._value(sample, self.label))
                groups.append(self._value(sample, self.group) if self.group else None)
                splits.append(_split(shard) if self.splits else "")
        numbers, classes = class_labels(_array(labels))
        return RawImages(
            images=images,
            labels=numbers,
            classes=classes,
            names=[image.name for image in images],
            groups=np.array(groups, dtype=object) if self.group else None,
            splits=np.array(splits) if self.splits else None,
            left_out=left_out,
        )

    def _samples(self, shard: Path, left_out: Counter[str]) -> list[dict[str, EncodedImage]]:
        """Return the samples of a shard that have an image, each with its files by suffix."""
        samples: dict[str, dict[str, EncodedImage]] = {}
        for entry in list_files(shard):
            key, suffix = _key(entry)
            if entry.file is None:
                left_out[entry.why] += 1
            else:
                samples.setdefault(key, {})[suffix] = entry.file
        with_image = [sample for sample in samples.values() if any(f".{suffix}" in SUFFIXES for suffix in sample)]
        if len(samples) > len(with_image):
            left_out["samples without an image"] += len(samples) - len(with_image)
        return with_image

    def _value(self, sample: dict[str, EncodedImage], name: str) -> Any:
        """Return the content of a sample's file with the suffix `name`, or the value of that key in its .json file."""
        if name in sample:
            return _text(sample[name]).strip()
        image = next(iter(sample.values())).name
        if "json" not in sample:
            raise InputError(
                f"{image}: the sample has {', '.join(sample)}, but no .{name} and no .json; set prepare.source.label "
                f"(or group) to one of its suffixes, or to a key of its .json"
            )
        try:
            return json.loads(_text(sample["json"]))[name]
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{image}: no '{name}' in the sample's .json ({error!r}); correct it") from None


def _key(entry: Entry) -> tuple[str, str]:
    """Return a file's sample, and its suffix: what follows the first dot of its name, in lower case."""
    *folders, name = entry.parts
    stem, _, suffix = name.partition(".")
    return str(PurePosixPath(*folders, stem)), suffix.lower()


def _text(file: EncodedImage) -> str:
    with file.open() as stream:
        return stream.read().decode("utf-8", "replace")


def _array(values: list[Any]) -> np.ndarray:
    """Return the values as integers if all of them are integers, otherwise as texts."""
    try:
        return np.array([int(value) for value in values])
    except (TypeError, ValueError):
        return np.array([str(value) for value in values])


def _split(shard: Path) -> str:
    name = shard.name.lower()
    matches = [split for split, spellings in SPLITS.items() if name.startswith(spellings)]
    if not matches:
        raise InputError(f"{shard}: the name of the shard does not begin with train, val or test; rename it")
    return matches[0]
