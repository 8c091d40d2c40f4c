"""WebDataset: tar shards in which the files of a sample share a name, such as 000007.png and 000007.cls."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.pictures import picture
from ganaug.synthesis.formats import Exported, Format, ReadBack


@settings
class Webdataset(Format):
    """Shards `000000.tar`, …: each image as .png, its label as .cls, and its label and class name as .json."""

    images_per_shard: PositiveInt = 1000
    """Images per shard. Several readers can divide the shards among them."""

    def write(self, exported: Exported, folder: Path) -> ReadBack | None:
        samples = enumerate(exported.pixels())
        for first in range(0, len(exported.images), self.images_per_shard):
            with tarfile.open(folder / f"{first // self.images_per_shard:06}.tar", "w") as shard:
                for _, (number, (label, name, pixels)) in zip(range(self.images_per_shard), samples, strict=False):
                    png = io.BytesIO()
                    picture(pixels).save(png, "PNG")
                    _add(shard, f"{number:06}.png", png.getvalue())
                    _add(shard, f"{number:06}.cls", str(label).encode())
                    _add(shard, f"{number:06}.json", json.dumps({"label": label, "class": name}).encode())
        return ReadBack({"name": "webdataset", "label": "class"})


def _add(shard: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file without owner or time, so that the same images give the same bytes."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    shard.addfile(member, io.BytesIO(content))
