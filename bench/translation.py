"""Do translators translate? Threes into eights and back, and how much each translation keeps of its source image.

    python bench/translation.py ROOT [--only NETWORK] [--steps N] [--seeds N] [--threads N] [--pictures FOLDER]

ROOT: where torchvision keeps MNIST. Each network is trained on 100 threes and 100 eights of 16×16 pixels. A classifier
that has seen none of them, and no translation, counts how many of 200 translations show the class they were made for.
Slant is the shear of an image's grey values; its correlation between source and translation shows whether translations
keep the handwriting of their sources. A network that starts from noise has nothing to keep: its images are paired with
the same sources by chance. Prints a row per network: seconds of training, without the tests, and both figures, the mean
over seeds [least, most].
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from choice import chosen
from mode_coverage import read
from trained_generator import trained_generator

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.prediction import predict
from ganaug.classifier.settings import Training
from ganaug.classifier.training import fit as fit_classifier
from ganaug.core.pictures import contact_sheet
from ganaug.core.plugins import build
from ganaug.data.appearance import slant
from ganaug.data.batches import Batches, MixedBatches, Part
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import choose_sources
from ganaug.data.sources.torchvision import Torchvision
from ganaug.data.transforms import AugmentedBatches
from ganaug.gan.module import LitGAN
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan

Spec = dict[str, Any]
HINGE: Spec = {"objective": {"name": "hinge"}}
NETWORKS: dict[str, Spec] = {
    "resnet": HINGE,  # starts from noise
    "stargan": HINGE | {"class_weights": {"generator": 1.0}},
    "cyclegan": {"objective": {"name": "least_squares"}},
    "discogan": {"objective": {"name": "non_saturating", "feature_matching": 9}},
}
SHARED: Spec = {
    "batch_size": 32,
    "learning_rate": 2e-4,
    "discriminator_learning_rate": 2e-4,
    "betas": (0.5, 0.999),
    "diffaugment": "characters",
    "ema_half_life": 5000,
}
EACH = 100
"""Training images per class, and translations into it."""


def digits(root: Path) -> tuple[LabelledImages, LabelledImages]:
    """Return the training images and, for the classifier, all others: 3 is class 0, 8 is class 1."""
    mnist = read(Torchvision(dataset="MNIST"), root)
    chosen = np.flatnonzero(np.isin(mnist.labels, (3, 8)))
    labels = (mnist.labels[chosen] == 8).astype(np.int64)
    large = torch.from_numpy(np.asarray(mnist.images)[chosen]).float()
    small = torch.nn.functional.interpolate(large, size=16, mode="bilinear", antialias=True)
    images = LabelledImages(small.round().clamp(0, 255).byte().numpy(), labels, ("3", "8"))
    order = np.random.default_rng(0).permutation(len(images))
    first = np.concatenate([order[labels[order] == label][:EACH] for label in (0, 1)])
    return images.subset(first), images.subset(np.setdiff1d(order, first))


def judge(images: LabelledImages) -> torch.nn.Module:
    """Return a classifier of threes and eights, and print how good it is on images that it has not seen."""
    settings = Training(classifier=SmallCNN(), steps=1000)
    val, train = (images.subset(part) for part in (np.arange(1000), np.arange(1000, len(images))))
    part = Part(train.images, train.labels, Batches(len(train), 64, 0), 64)
    fitted = fit_classifier(settings, AugmentedBatches(MixedBatches(part), 2, 0), val, 0)
    print(f"the classifier is right about {fitted.val_balanced_accuracy:.1%} of new images", file=sys.stderr)
    return fitted.model


def translate(network: Spec, train: LabelledImages, options: Spec, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return translations and their sources, (2 · EACH, 1, 16, 16), eights into threes first, and seconds."""
    settings = TrainGan(network=build("gan.networks", network), **SHARED | options)
    torch.manual_seed(seed)
    generator, seconds = trained_generator(LitGAN(settings, train, seed))
    labels = np.repeat([0, 1], EACH)
    sources = np.asarray(train.images)[choose_sources("other", train, labels, 0)]
    given = sources if generator.translates else None
    made = np.concatenate(list(sample(generator, labels, image_seeds(seed, len(labels)), sources=given)))
    return made, sources, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    networks = chosen(NETWORKS, arguments.only)
    train, others = digits(arguments.root)
    classifier, labels = judge(others), np.repeat([0, 1], EACH)
    print("| network | seconds | taken for the target class, % | correlation of slants |\n|---|---|---|---|")
    for name, options in networks.items():
        rows = []
        for seed in range(arguments.seeds):
            made, sources, seconds = translate({"name": name}, train, options | {"steps": arguments.steps}, seed)
            right = (predict(classifier, made).argmax(1) == labels).mean()
            kept = [np.corrcoef(slant(made[half]), slant(sources[half]))[0, 1] for half in (labels == 0, labels == 1)]
            rows.append((seconds, 100 * right, float(np.mean(kept))))
            if arguments.pictures and seed == 0:
                arguments.pictures.mkdir(parents=True, exist_ok=True)
                contact_sheet(made, labels, 2, above=sources).save(arguments.pictures / f"{name}.png")
        columns = zip(*rows, strict=True)
        formats = (".0f", ".1f", ".2f")
        cells = (
            f"{np.mean(column):{form}} [{min(column):{form}}, {max(column):{form}}]"
            for column, form in zip(columns, formats, strict=True)
        )
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
