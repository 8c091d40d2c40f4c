"""Records how much of a source has been read, so that reading can resume after the process was killed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from ganaug.core.files import write_json
from ganaug.data.image_files import EncodedImage
from ganaug.data.settings import Prepare


class Named(Protocol):
    """Images with their names, such as RawImages."""

    @property
    def names(self) -> Sequence[str]:
        """The images' unique names."""

    @property
    def images(self) -> Iterable[np.ndarray | EncodedImage]:
        """The images, in the order of their names."""


@dataclass
class Tally:
    """The first images of a source: all of one type and size, and none of them broken.

    done: their number. kind: type of the source's values. low, high: the smallest and the largest value. size: height
    and width after resizing. sizes: (height, width) before resizing → number of images. animated: number of files with
    several frames.
    """

    done: int = 0
    kind: str = ""
    low: float = np.inf
    high: float = -np.inf
    size: tuple[int, int] = (0, 0)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    animated: int = 0

    def save(self, file: Path, key: str) -> None:
        """Write the tally to `file`, whole or not at all. key: as `reading_key` returns it."""
        part = file.with_suffix(".part")
        sizes = [[*size, count] for size, count in self.sizes.items()]
        write_json(part, {"key": key, **vars(self), "sizes": sizes})
        part.replace(file)

    @classmethod
    def load(cls, file: Path, key: str) -> Self:
        """Return the tally that `save` wrote; an empty one if there is none, or if it has another key."""
        try:
            saved: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if saved.pop("key") != key:
                return cls()
            sizes = Counter({(height, width): count for height, width, count in saved.pop("sizes")})
            height, width = saved.pop("size")
            return cls(**saved, size=(height, width), sizes=sizes)
        except (OSError, ValueError, KeyError, TypeError):
            return cls()


def reading_key(raw: Named, settings: Prepare) -> str | None:
    """Return a key of the files, by name, size and time of change, and of how they are read.

    Return None if some images are neither files nor in archives: such sources are read in seconds.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((settings.size, settings.fit, settings.channels, settings.background)).encode())
    places: dict[Path, None] = {}
    for name, image in zip(raw.names, raw.images, strict=True):
        if not isinstance(image, EncodedImage) or image.place is None:
            return None
        digest.update(f"{name}\0".encode(errors="surrogateescape"))
        places[image.place] = None
    for place in places:
        status = place.stat()
        digest.update(f"{place}\0{status.st_size}\0{status.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
