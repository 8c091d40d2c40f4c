"""What do classical transforms cost, and how much do they slow down a classifier's training step?

    python bench/transforms.py

First: one transform of a batch of 64 images as this project applies it, and by torchvision image by image. Then: a
classifier's training step with the default's transform and without. Both sides alternate. Prints the median of the
rounds [least, most], in CPU seconds of this process, on one thread.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.training import fit
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches, Transforms, apply, build_transforms
from ganaug.experiment.arms.settings import TrainClassifier

ROUNDS, STEPS, BATCH = 9, 12, 64
SIZES = [(1, 8, 8), (3, 32, 32), (3, 64, 64)]
AFFINE = {
    "name": "RandomAffine",
    "degrees": 10,
    "translate": [0.1, 0.1],
    "scale": [0.9, 1.1],
    "interpolation": "bilinear",
}


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that `work` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def alternating(one: Callable[[], object], other: Callable[[], object], per: int = 1) -> str:
    """Return the cells of a table's row: milliseconds of both, and the ratio."""
    one(), other()
    rounds = [(seconds(one), seconds(other)) for _ in range(ROUNDS)]
    ratios = sorted(first / second for first, second in rounds)
    first, second = (1000 * statistics.median(column) / per for column in zip(*rounds, strict=True))
    return f"{first:.2f} | {second:.2f} | {statistics.median(ratios):.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}] |"


def transforms(shape: tuple[int, int, int]) -> None:
    """Print a row for each transform."""
    images = torch.randint(0, 256, (BATCH, *shape), dtype=torch.uint8)
    for spec in (
        AFFINE,
        {"name": "RandomHorizontalFlip"},
        {"name": "RandomCrop", "size": list(shape[1:]), "padding": shape[1] // 8},
        {"name": "RandomResizedCrop", "size": list(shape[1:])},
        {"name": "ColorJitter", "brightness": 0.2, "contrast": 0.2, "saturation": 0.2, "hue": 0.1},
    ):
        built = build_transforms((spec,))
        both = partial(apply, built, images), partial(image_by_image, built[0], images)
        print(f"| {shape[1]}×{shape[2]}×{shape[0]} | {spec['name']} | {alternating(*both)}", flush=True)


def image_by_image(transform: torch.nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Apply a transform as torchvision does."""
    return torch.stack([transform(image) for image in images])


def steps(shape: tuple[int, int, int]) -> None:
    """Print a row for a training step."""
    labels = np.arange(200, dtype=np.int64) % 10
    pixels = np.random.default_rng(0).integers(0, 256, (200, *shape), dtype=np.uint8)
    train = LabelledImages(pixels, labels, tuple("0123456789"))
    few = train.subset(np.arange(10))
    settings = TrainClassifier(classifier=SmallCNN(), steps=STEPS, batch_size=BATCH, evaluate_every=STEPS)

    def training(specs: Transforms) -> Callable[[], object]:
        part = Part(train.images, train.labels, Batches(len(train), BATCH, 0), BATCH, ascending=True)
        return lambda: fit(settings, AugmentedBatches(MixedBatches(part), 10, 0, specs), few, 0)

    print(f"| {shape[1]}×{shape[2]}×{shape[0]} | {alternating(training((AFFINE,)), training(()), STEPS)}", flush=True)


def main() -> None:
    torch.set_num_threads(1)
    transform_steps()


def transform_steps() -> None:
    """Print both tables."""
    print("| size | transform | batch, ms | image by image, ms | ratio |\n|---|---|---|---|---|")
    for shape in SIZES:
        transforms(shape)
    print("\n| size | step with RandomAffine, ms | without, ms | ratio |\n|---|---|---|---|")
    for shape in SIZES:
        steps(shape)


if __name__ == "__main__":
    main()
