"""Hugging Face's ImageFolder, which `datasets.load_dataset` reads and the Hub displays; needs none of its libraries."""

from __future__ import annotations

import csv
from pathlib import Path

from ganaug.core.config import settings
from ganaug.core.pictures import picture
from ganaug.synthesis.formats import Exported, Format, ReadBack


@settings
class Huggingface(Format):
    """`images/<number>.png`, and `metadata.csv` with columns file_name and label (the class name)."""

    def write(self, exported: Exported, folder: Path) -> ReadBack | None:
        (folder / "images").mkdir()
        with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["file_name", "label"])
            for number, (_, name, pixels) in enumerate(exported.pixels()):
                place = f"images/{number:06}.png"
                picture(pixels).save(folder / place)
                table.writerow([place, name])
        return ReadBack({"name": "table", "file": "metadata.csv", "image": "file_name", "label": "label"})
