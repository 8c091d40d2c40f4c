"""One folder of image files per class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganaug.core.config import settings
from ganaug.core.pictures import picture
from ganaug.data.values import Range
from ganaug.synthesis.folder_names import folder_name
from ganaug.synthesis.formats import Exported, Format, ReadBack


@settings
class Folder(Format):
    """`<class>/<number>.png`, or .npy if the source restores images to another form, such as signals."""

    def write(self, exported: Exported, folder: Path) -> ReadBack | None:
        signals = False
        for name in exported.images.classes:
            (folder / folder_name(name)).mkdir()
        for number, (_, name, pixels) in enumerate(exported.pixels()):
            path = folder / folder_name(name) / f"{number:06}"
            restored = exported.source.restore(values(pixels[None], exported.limits))
            if restored is None:
                picture(pixels).save(path.with_suffix(".png"))
            else:
                signals = True
                np.save(path.with_suffix(".npy"), restored[0])
        return None if signals else ReadBack({"name": "folder"})


def values(levels: np.ndarray, limits: Range) -> np.ndarray:
    """Return the source's values, float32, for levels from 0 to 255."""
    return (limits.low + levels * ((limits.high - limits.low) / 255)).astype(np.float32)
