"""Can a GAN make what no training image shows? Pairs of words that it has never seen together.

    python bench/descriptions.py ROOT [--network JSON] [--steps N] [--seeds N] [--threads N] [--pictures FOLDER]

ROOT: where torchvision keeps MNIST. Threes and eights of 16×16 pixels are described by two words each, computed from
their grey values: thin, medium or thick, by the sum of ink, and left, upright or right, by the shear; each word for a
third of a class. Two of the nine pairs, "thin right" and "thick left", are left out of the training images. The GAN
then makes images of all nine pairs, whose words are computed in the same way. Prints the share of images that have the
first word, the second and both, in percent, for the pairs that the GAN has seen and for each that it has not: the mean
over seeds [least, most].
"""

import argparse
import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from translation import digits

from ganaug.core.pictures import contact_sheet
from ganaug.core.plugins import build
from ganaug.data.describers.bag_of_words import BagOfWords
from ganaug.data.images import LabelledImages
from ganaug.gan.ema import EMA
from ganaug.gan.module import LitGAN
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan
from ganaug.gan.training import fit
from ganaug.synthesis.directions.attribute import slant

INK, SHEAR = ("thin", "medium", "thick"), ("left", "upright", "right")
UNSEEN = {"thin right", "thick left"}
EACH = 50
"""Images that are made of each class and pair of words."""
PER_PAIR = 60
"""Training images of each class and pair of words, or as many as there are."""
SETTINGS: dict[str, Any] = {
    "objective": {"name": "non_saturating", "r1": 1.0},
    "batch_size": 64,
    "learning_rate": 1e-3,
    "discriminator_learning_rate": 1e-3,
    "betas": (0.0, 0.9),
    "diffaugment": (),  # what moves or shears images changes what the words say
    "ema_half_life": 5000,
}


def ink(images: np.ndarray) -> np.ndarray:
    """Return the sum of grey values, (N,), of uint8 images (N, 1, H, W)."""
    total: np.ndarray = images.reshape(len(images), -1).sum(axis=1, dtype=np.float64)
    return total


class Words:
    """The words of images, by the thirds of each class in a set of real ones."""

    def __init__(self, real: LabelledImages) -> None:
        pixels, thirds = np.asarray(real.images), (1 / 3, 2 / 3)
        self.limits = {
            label: tuple(np.quantile(measure(pixels[real.labels == label]), thirds) for measure in (ink, slant))
            for label in range(len(real.classes))
        }

    def __call__(self, images: np.ndarray, label: int) -> list[str]:
        """Return two words for each of `images`, uint8 (N, 1, H, W), of one class."""
        first, second = (
            np.searchsorted(limits, measure(images))
            for limits, measure in zip(self.limits[label], (ink, slant), strict=True)
        )
        return [f"{INK[one]} {SHEAR[other]}" for one, other in zip(first, second, strict=True)]


def described(real: LabelledImages, words: Words) -> LabelledImages:
    """Return PER_PAIR images of each class and seen pair of words, with their attributes."""
    texts = np.empty(len(real), dtype=object)
    for label in range(len(real.classes)):
        chosen = np.flatnonzero(real.labels == label)
        texts[chosen] = words(np.asarray(real.images)[chosen], label)
    seen = [
        np.flatnonzero((texts == " ".join(pair)) & (real.labels == label))[:PER_PAIR]
        for pair, label in product(product(INK, SHEAR), range(len(real.classes)))
        if " ".join(pair) not in UNSEEN
    ]
    train, describer = np.concatenate(seen), BagOfWords()
    names = describer.fit(texts[train].tolist())
    vectors = describer.vectors(texts[train].tolist(), names)
    return replace(real.subset(train), attributes=vectors, attribute_names=names)


def made_of(network: dict[str, Any], train: LabelledImages, steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return EACH images of each class for each pair of words, class after class."""
    settings = TrainGan(network=build("gan.networks", network), steps=steps, **SETTINGS)
    torch.manual_seed(seed)
    gan = LitGAN(settings, train, seed)
    ema = EMA(gan, "generator", settings.batch_size, settings.ema_half_life)
    fit(gan, [ema], settings, None)
    labels = np.repeat(np.arange(len(train.classes)), EACH)
    made = {}
    for pair in map(" ".join, product(INK, SHEAR)):
        vectors = BagOfWords().vectors([pair] * len(labels), train.attribute_names)
        chunks = sample(ema.network, labels, image_seeds(seed, len(labels)), attributes=vectors)  # type: ignore[arg-type]
        made[pair] = np.concatenate(list(chunks))
    return made


def shares(made: dict[str, np.ndarray], words: Words, pairs: set[str], classes: int) -> list[float]:
    """Return the shares of images of `pairs` that have the first word, the second and both."""
    right = []
    for pair in pairs:
        for label, images in enumerate(np.split(made[pair], classes)):
            found = (text.split() for text in words(images, label))
            right += [[one == other for one, other in zip(pair.split(), text, strict=True)] for text in found]
    matches = np.array(right)
    return [*matches.mean(axis=0), float(matches.all(axis=1).mean())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--network", type=json.loads, default={"name": "stackgan", "channels": 16})
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    real = digits(arguments.root)[1]
    words = Words(real)
    train = described(real, words)
    groups = {"seen": set(map(" ".join, product(INK, SHEAR))) - UNSEEN, **{pair: {pair} for pair in sorted(UNSEEN)}}
    found: dict[str, list[list[float]]] = {name: [] for name in groups}
    for seed in range(arguments.seeds):
        made = made_of(arguments.network, train, arguments.steps, seed)
        for name, pairs in groups.items():
            found[name].append(shares(made, words, pairs, len(train.classes)))
        if arguments.pictures and seed == 0:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            images = np.concatenate([one[:EACH:5] for one in made.values()])
            rows = np.repeat(np.arange(len(made)), EACH // 5)
            contact_sheet(images, rows, len(made)).save(arguments.pictures / "descriptions.png")
    print(f"{len(train)} training images\n| pair | first word, % | second, % | both, % |\n|---|---|---|---|")
    for name, rows_of in found.items():
        columns = zip(*rows_of, strict=True)
        cells = (f"{100 * np.mean(one):.0f} [{100 * min(one):.0f}, {100 * max(one):.0f}]" for one in columns)
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
