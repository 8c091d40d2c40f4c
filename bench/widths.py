"""How fast and how good are images made at part of the generator's width, or at half the size?

    python bench/widths.py digits                 # scikit-learn's digits, 8×8
    python bench/widths.py mnist ROOT             # MNIST at 16×16; ROOT: where torchvision keeps MNIST

Options: --steps N, --batch N, --channels N, --threads N, --count N, --alone, --keep FOLDER, --network KEY=VALUE …

Trains one `stylegan2` and, for comparison, one without narrower widths. Prints a row per rendering: the distance of its
images to validation images, in the features of a classifier trained on the training images (`mutual_distance`, by which
training keeps the best generator), and the Fréchet distance in the same features, both with their ratio to the full
width; and the seconds for `--count` images. Renderings take turns in five rounds; ratios are medians of the rounds'
ratios. Images at half the size have no distance: the classifier knows the full size.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mode_coverage import read
from trained_generator import trained_generator

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.settings import Training
from ganaug.classifier.training import fit as fit_classifier
from ganaug.core.distances import frechet_distance
from ganaug.core.plugins import build
from ganaug.core.weights import ModelSpec
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.images import LabelledImages
from ganaug.data.sources.digits import Digits
from ganaug.data.sources.torchvision import Torchvision
from ganaug.data.transforms import AugmentedBatches
from ganaug.gan.health_measures import mutual_distance
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Generator, Rendering
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan
from ganaug.gan.store import save_generator

WIDTHS = [0.25, 0.5, 0.75]
SETTINGS: dict[str, Any] = {
    "objective": {"name": "non_saturating", "r1": 1.0, "penalty_every": 16},
    "learning_rate": 2.5e-3,
    "discriminator_learning_rate": 2.5e-3,
    "betas": (0.0, 0.99),
    "diffaugment": "characters",
    "ema_half_life": 10_000,
}
ROUNDS = 5


def images_of(arguments: argparse.Namespace) -> tuple[LabelledImages, LabelledImages]:
    """Return training images, at most 10,000, and a quarter as many validation images."""
    if arguments.data == "digits":
        images = read(Digits(), Path())
    else:
        images = read(Torchvision(dataset="MNIST"), arguments.root)
        large = torch.from_numpy(np.asarray(images.images)).float()
        small = torch.nn.functional.interpolate(large, size=16, mode="bilinear", antialias=True)
        images = LabelledImages(small.round().clamp(0, 255).byte().numpy(), images.labels, images.classes)
    order = np.random.default_rng(0).permutation(len(images))[:12_500]
    return images.subset(order[len(order) // 5 :]), images.subset(order[: len(order) // 5])


def features_of(train: LabelledImages, val: LabelledImages) -> FeatureExtractor:
    part = Part(train.images, train.labels, Batches(len(train), 64, 0), 64)
    fitted = fit_classifier(
        Training(classifier=SmallCNN(), steps=500), AugmentedBatches(MixedBatches(part), 2, 0), val, 0
    )
    print(f"the classifier is right about {fitted.val_balanced_accuracy:.1%} of new images", file=sys.stderr)
    return FeatureExtractor((fitted.model,))


def train_gan(
    network: dict[str, Any], train: LabelledImages, arguments: argparse.Namespace, keep: Path | None = None
) -> tuple[Generator, float]:
    """Return the averaged generator, and the seconds of a step; write it to `keep` for `ganaug sample` and `edit`."""
    steps, batch_size = arguments.steps, arguments.batch
    built = build("gan.networks", {"name": "stylegan2", "channels": arguments.channels} | network)
    settings = TrainGan(network=built, steps=steps, batch_size=batch_size, **SETTINGS)
    torch.manual_seed(0)
    generator, passed = trained_generator(LitGAN(settings, train, 0))
    if keep is not None:
        save_generator(keep, generator, ModelSpec(settings.network, train.shape, train.classes))
    return generator, passed / steps


def seconds(generator: Generator, renderings: list[Rendering], count: int) -> list[list[float]]:
    """Return the seconds of each rendering for `count` images, (rounds, renderings)."""
    labels, seeds = np.arange(count) % generator.classes, image_seeds(0, count)
    rounds = []
    for _ in range(ROUNDS):
        taken = []
        for rendering in renderings:
            start = time.perf_counter()
            for _chunk in sample(generator, labels, seeds, rendering=rendering):
                pass
            taken.append(time.perf_counter() - start)
        rounds.append(taken)
    return rounds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=["digits", "mnist"])
    parser.add_argument("root", type=Path, nargs="?")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--network", nargs="*", default=[], metavar="KEY=VALUE")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where to write the generator with widths")
    parser.add_argument("--alone", action="store_true", help="only the network with widths")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train, val = images_of(arguments)
    extractor = features_of(train, val)
    real = extractor(val.images)
    labels = val.labels

    def distances(generator: Generator, rendering: Rendering) -> tuple[float, float]:
        chunks = sample(generator, labels, image_seeds(0, len(labels)), rendering=rendering)
        fakes = extractor(np.concatenate(list(chunks)))
        return mutual_distance(fakes, labels, real, labels), frechet_distance(fakes, real)

    more = {key: float(value) for key, value in (pair.split("=") for pair in arguments.network)}
    options = {"widths": WIDTHS, "halvings": 1} | more
    print(
        "| rendering | distance | ratio | Fréchet distance | ratio | seconds | ratio |\n|---|---|---|---|---|---|---|"
    )
    if not arguments.alone:
        plain, step = train_gan({}, train, arguments)
        distance, frechet = distances(plain, Rendering())
        print(f"| without widths, {1000 * step:.0f} ms a step | {distance:.3f} | | {frechet:.3f} | | | |", flush=True)
    generator, step = train_gan(options, train, arguments, arguments.keep)
    renderings = [Rendering(), *(Rendering(width=width) for width in reversed(WIDTHS)), Rendering(halvings=1)]
    renderings.append(Rendering(width=0.5, halvings=1))
    rounds = seconds(generator, renderings, arguments.count)
    full = distances(generator, Rendering())
    for number, rendering in enumerate(renderings):
        taken = statistics.median(one[number] for one in rounds)
        ratio = statistics.median(one[number] / one[0] for one in rounds)
        name = f"width {rendering.width:g}" + (", half the size" if rendering.halvings else "")
        if number == 0:
            name += f", {1000 * step:.0f} ms a step"
        cells = " | | | "
        if not rendering.halvings:
            own = distances(generator, rendering)
            cells = " | ".join(f"{one:.3f} | {one / whole:.2f}" for one, whole in zip(own, full, strict=True))
        print(f"| {name} | {cells} | {taken:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
