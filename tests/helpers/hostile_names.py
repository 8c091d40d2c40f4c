"""A finished run with sixty classes and an arm, whose names would break a careless page."""

from pathlib import Path

import numpy as np
from finished_run import evaluate_run

from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.settings import Arm

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"quoted\" 'twice'",
    "`ticks`",
    "{{ 7 * 7 }} {% raw %}",
    "\u202eright to left\u05d0\u05d1",
    "very long " + "x" * 300,
    "&lt;already&gt; &amp;",
]
CLASSES = (*HOSTILE, *(f"class {number}" for number in range(60 - len(HOSTILE))))
LONG = "gan_" + "y" * 90
ARMS = {"real": (100, 110), LONG: (110, 118)}


def hostile(count: int, seed: int = 0) -> LabelledImages:
    """Return images of sixty classes with all sorts of names."""
    labels = np.arange(count, dtype=np.int64) % len(CLASSES)
    pixels = np.random.default_rng(seed).integers(0, 256, (count, 1, 8, 8), dtype=np.uint8)
    return LabelledImages(pixels, labels, CLASSES, {"name": "folder", "title": HOSTILE[1]})


def evaluate_hostile(folder: Path, **options) -> str:
    """Return the report."""
    augmented = {LONG: Arm(synthetic=(0.0, 0.5))}
    return evaluate_run(folder, hostile, ARMS, {"real": Arm()}, augmented, sizes=(60, 120, 120), **options)[1]
