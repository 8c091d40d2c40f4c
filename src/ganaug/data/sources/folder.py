"""A folder of image files, or a zip or tar archive of one, with a sub-folder per class."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import Any, Literal, NamedTuple

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.data.file_tree import Entry, is_archive, list_files
from ganaug.data.image_files import SUFFIXES, EncodedImage
from ganaug.data.patterns import check_pattern, find_in_paths, repeats
from ganaug.data.sources import Dataset, RawImages, usual_split

MASK = re.compile(r"(^|.*[ _.-])(masks?|segmentations?|ground_?truth|gt|annotations?)", re.IGNORECASE)
"""Regular expression for names of files and folders, without suffix, that hold masks of the images beside them."""

NUMBERED = r"([^/]+)[ _-]\d+\.\w+$"
"""Regular expression for names of files in which the class comes before a number, such as `maine_coon_12.jpg`."""

DECIDED = ("hidden", "made by the system", "excluded")
"""Reasons for leaving out a file that say nothing about its folder."""


class _Image(NamedTuple):
    """An image file. inner: its path below the top folder, or below that of its split. parts: its path below the top.

    Both paths are split into folders.
    """

    split: str | None
    inner: tuple[str, ...]
    parts: tuple[str, ...]
    file: EncodedImage


@settings
class Folder(Dataset):
    """Image files of any mode and size in `<class>/**/<file>`, or with splits in `<split>/<class>/**/<file>`."""

    splits: Literal["auto"] | Mapping[Literal["train", "val", "test"], str] | None = None
    """Folders of the data's own splits, which hold the class folders: `auto` for usual names (train, val, valid,
    validation, test, …), or their names, as in `{train: development, test: hold-out}`. None: no splits."""
    label: str | None = None
    r"""Regular expression such as `^(.+)_\d+`, searched in each file's path below the top folder, or below that of its
    split; the text in its first parentheses is the class. None: the class is the sub-folder."""
    group: str | None = None
    r"""Regular expression such as `^(patient\d+)_`, searched in each file's path below the class folder, or, if `label`
    is set, in the same path as `label`. Files with the same text in its first parentheses form a group, which is never
    divided between splits. None: no groups."""
    include: tuple[str, ...] | None = None
    """Patterns such as `*/images/*`; only files whose path below the top folder matches one are read. None: all files
    are read."""
    exclude: tuple[str, ...] = ()
    """Patterns such as `*_mask.png`; files whose path below the top folder matches one are left out."""

    def __post_init__(self) -> None:
        """Raise InputError if `label` or `group` is not a regular expression with parentheses."""
        check_pattern("label", self.label)
        check_pattern("group", self.group)

    @classmethod
    def recognise(cls, path: Path) -> dict[str, Any] | None:
        if not path.is_dir() and not is_archive(path):
            return None
        entries = _below_single_folder(list_files(path))
        images = [
            entry.parts for entry in entries if entry.file and PurePath(entry.parts[-1]).suffix.lower() in SUFFIXES
        ]
        tops = {parts[0] for parts in images if len(parts) > 1}
        if len(tops) < 2:
            return {"label": NUMBERED} if repeats(NUMBERED, images) else None
        masks = {
            match[2].lower() for parts in images for part in parts if (match := MASK.fullmatch(PurePath(part).stem))
        }
        options: dict[str, Any] = {"exclude": [f"*{word}*" for word in sorted(masks)]} if masks else {}
        return {"splits": "auto", **options} if all(map(usual_split, tops)) else options

    def load(self, path: Path) -> RawImages:
        entries = _below_single_folder(list_files(path))
        roles = self._roles(path, entries)
        images: list[_Image] = []
        left_out: Counter[str] = Counter()
        without_images = set()
        for entry in entries:
            split, inner = (roles.get(entry.parts[0]), entry.parts[1:]) if roles else (None, entry.parts)
            why = self._why_left_out(entry, inner, split if roles else "")
            if not why and entry.file:
                images.append(_Image(split, inner, entry.parts, entry.file))
                continue
            left_out[why] += 1
            if len(inner) > 1 and why not in DECIDED and self.label is None:
                without_images.add(inner[0])
        labels = self._labels(images)
        classes = tuple(sorted(set(labels)))
        without_images.difference_update(classes)
        if len(classes) < 2 or without_images:
            raise InputError(_no_classes(path, classes, without_images, left_out))
        self._refuse_masks(path, images, classes)
        numbers = {name: number for number, name in enumerate(classes)}
        return RawImages(
            images=[image.file for image in images],
            labels=np.array([numbers[label] for label in labels]),
            classes=classes,
            names=[image.file.name for image in images],
            groups=self._groups(images),
            splits=np.array([image.split for image in images]) if roles else None,
            left_out=left_out,
        )

    def _roles(self, path: Path, entries: Iterable[Entry]) -> dict[str, str]:
        """Return folder → split. Raises InputError if the folders do not fit the splits."""
        tops = sorted({entry.parts[0] for entry in entries if len(entry.parts) > 1 and entry.why not in DECIDED})
        usual = {top: split for top in tops if (split := usual_split(top.lower()))}
        if self.splits is None:
            if usual:
                raise InputError(
                    f"{path}: the sub-folders {', '.join(usual)} are splits rather than classes; set "
                    f"prepare.source.splits to auto, with prepare.test (and prepare.val, if there is one) to null"
                )
            return {}
        roles = dict(usual) if self.splits == "auto" else {folder: str(split) for split, folder in self.splits.items()}
        if self.splits == "auto" and (len(set(roles.values())) < len(roles) or set(roles) != set(tops)):
            raise InputError(
                f"{path}: cannot tell which splits the sub-folders {', '.join(tops)} are; set prepare.source.splits, "
                f"for example to {{train: {tops[0] if tops else 'train'}, test: …}}; other folders are then left out"
            )
        missing = [folder for folder in roles if folder not in tops]
        if missing or "train" not in roles.values():
            raise InputError(
                f"{path}: prepare.source.splits: "
                + (f"no folder {', '.join(missing)}" if missing else "no folder for train")
                + f"; there are {', '.join(tops) or 'none'}"
            )
        return roles

    def _why_left_out(self, entry: Entry, inner: Sequence[str], split: str | None) -> str:
        """Return why a file is left out, or an empty text if it is not.

        inner: its path from the class on, split into folders.
        """
        if entry.why:
            return entry.why
        path = "/".join(entry.parts)
        if any(fnmatchcase(path, pattern) for pattern in self.exclude):
            return "excluded"
        if self.include is not None and not any(fnmatchcase(path, pattern) for pattern in self.include):
            return "excluded"
        if split is None:
            return "in no split"
        if len(inner) < 2 and self.label is None:
            return "beside the class folders"
        suffix = PurePath(path).suffix.lower()
        return "" if suffix in SUFFIXES else f"no images ({suffix or 'no suffix'})"

    def _refuse_masks(self, path: Path, images: list[_Image], classes: Sequence[str]) -> None:
        """Raise InputError if some files look like masks of others, and the user has not set `include` or `exclude`."""
        masks = [image for image in images if any(MASK.fullmatch(PurePath(part).stem) for part in image.parts)]
        if masks and self.include is None and not self.exclude:
            raise InputError(
                f"{path}: {len(masks)} of {len(images)} files look like masks, such as {masks[0].file.name}; leave "
                f"them out with prepare.source.exclude, such as ['*_mask.*', '*/masks/*'], or keep all files with "
                f"prepare.source.include: ['*']"
            )

    def _labels(self, images: Sequence[_Image]) -> list[str]:
        if self.label is None:
            return [image.inner[0] for image in images]
        return find_in_paths("label", self.label, [image.inner for image in images], [image.file for image in images])

    def _groups(self, images: Sequence[_Image]) -> np.ndarray | None:
        if self.group is None:
            return None
        searched = [image.inner[1:] if self.label is None else image.inner for image in images]
        return np.array(find_in_paths("group", self.group, searched, [image.file for image in images]))


def _below_single_folder(entries: list[Entry]) -> list[Entry]:
    """Strip the outer folder if it holds all files, as in many archives."""
    while len({entry.parts[0] for entry in entries if entry.why not in DECIDED}) == 1:
        if any(len(entry.parts) < 3 for entry in entries if entry.why not in DECIDED):
            break
        entries = [entry._replace(parts=entry.parts[1:] or entry.parts) for entry in entries]
    return entries


def _no_classes(path: Path, classes: Sequence[str], without: set[str], left_out: Mapping[str, int]) -> str:
    problem = f"no image files in: {', '.join(sorted(without))}" if without else f"found {len(classes)}"
    others = "; left out: " + ", ".join(f"{count} {why}" for why, count in left_out.items()) if left_out else ""
    return (
        f"{path}: expected at least two sub-folders, one per class, each with image files "
        f"({', '.join(sorted(SUFFIXES))}); {problem}{others}"
        + (
            "; if the class is in the file names, set prepare.source.label; if it is in a table, use the source `table`"
            if not classes
            else ""
        )
    )
