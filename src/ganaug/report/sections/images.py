"""Real and synthetic images of each class, how the GAN learned to make them, and the closest pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ganaug.data.images import LabelledImages
from ganaug.data.source_images import source_images
from ganaug.report.finished import Finished
from ganaug.report.pictures import file_url, strip

SHOWN = 8
"""Number of images of each kind per class."""
AT_ONCE = 10
"""Number of classes shown before "more classes" is opened."""


def context(run: Finished) -> dict[str, Any]:
    """Return what images.html shows: images of the first replicate."""
    paths, first = run.paths, run.first
    synthetic, train = LabelledImages.load(paths.synthetic(first)), LabelledImages.load(paths.train(first))
    sources = source_images(paths.synthetic(first), train, LabelledImages.load(paths.other_domain))
    classes = [_of_class(label, train, synthetic, sources) for label in range(len(train.classes))]
    frames = sorted((paths.gan(first) / "grids").glob("*.png"))
    return {
        "replicate": first,
        "classes": classes[:AT_ONCE],
        "more": classes[AT_ONCE:],
        "pixelated": max(train.shape[1:]) <= 64,
        "frames": [(int(frame.stem), file_url(frame)) for frame in frames],
        "closest": file_url(paths.synthetic_report(first) / "closest.png"),
        "step_used": run.healths[first]["step_used"],
    }


def _of_class(
    label: int, train: LabelledImages, synthetic: LabelledImages, sources: LabelledImages | None
) -> dict[str, Any]:
    """Return the strips of one class by kind; kinds without images are left out."""
    shown = np.flatnonzero(np.asarray(synthetic.labels) == label)[:SHOWN]
    kinds = {
        "real": (train, np.flatnonzero(np.asarray(train.labels) == label)[:SHOWN]),
        "source": (sources, shown if sources is not None else shown[:0]),
        "synthetic": (synthetic, shown),
    }
    return {
        "name": train.classes[label],
        "strips": {
            kind: (len(numbers), strip(np.asarray(images.images[numbers])))
            for kind, (images, numbers) in kinds.items()
            if images is not None and len(numbers)
        },
    }
