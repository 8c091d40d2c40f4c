"""One NumPy archive."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.formats import Exported, Format, ReadBack


@settings
class Npz(Format):
    """`images.npz` with images (N, H, W, C) uint8, labels (N,) int64 and classes, names indexed by label."""

    def write(self, exported: Exported, folder: Path) -> ReadBack | None:
        pixels = np.stack([image for _, _, image in exported.pixels()])
        images = exported.images
        np.savez(folder / "images.npz", images=pixels, labels=images.labels, classes=np.array(images.classes))
        return ReadBack({"name": "npz", "classes": "classes"}, "images.npz")
