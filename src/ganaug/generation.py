"""The synthetic set of one generator."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import torch

from ganaug.files import fresh
from ganaug.images import LabelledImages
from ganaug.pictures import contact_sheet
from ganaug.progress import Progress
from ganaug.sampling import CHUNK, image_seeds, load_generator, sample
from ganaug.sections.generate import Generate


def generate(settings: Generate, gan: Path, seed: int, output: Path) -> LabelledImages:
    """Sample the generator in `gan` and write images, samples.csv (index, label, seed) and contact.png to `output`.

    The images of a class come one after the other. The same generator, settings, seed and machine give the same bytes.
    """
    generator, classes = load_generator(gan)
    labels = np.repeat(np.arange(len(classes), dtype=np.int64), settings.per_class)
    seeds = image_seeds(seed, len(labels))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    progress = Progress(f"generate@{output.name}", len(labels))
    parts = []
    for number, chunk in enumerate(sample(generator, labels, seeds, device, settings.truncation)):
        parts.append(chunk)
        progress.step(min((number + 1) * CHUNK, len(labels)))
    progress.close()
    synthetic = LabelledImages(np.concatenate(parts), labels, classes, {"name": "gan", "seed": seed})
    synthetic.save(fresh(output))
    with (output / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["index", "label", "seed"])
        writer.writerows(zip(range(len(labels)), labels.tolist(), seeds.tolist(), strict=True))
    contact_sheet(synthetic.images, labels, len(classes)).save(output / "contact.png")
    return synthetic
