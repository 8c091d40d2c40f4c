"""Can a GAN make images of two words that it has never seen together?

    python bench/descriptions.py ROOT [--network JSON] [--steps N] [--seeds N] [--threads N] [--pictures FOLDER]

ROOT: where torchvision keeps MNIST. Threes and eights of 16×16 pixels are described by two words each, computed from
their grey values: thin, medium or thick, by brightness, and left, upright or right, by slant; each word for a
third of a class. Two of the nine pairs, "thin right" and "thick left", are left out of the training images. The GAN
then makes images of all nine pairs, whose words are computed in the same way. Prints the share of images that have the
first word, the second and both, in percent, for the pairs that the GAN has seen and for each pair that it has not: the
mean over seeds [least, most].
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from trained_generator import trained_generator
from translation import digits

from ganaug.core.pictures import contact_sheet
from ganaug.core.plugins import build
from ganaug.data.appearance import BRIGHTNESS, SLANT, Words
from ganaug.data.describers.bag_of_words import BagOfWords
from ganaug.data.images import LabelledImages
from ganaug.gan.module import LitGAN
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.settings import TrainGan

PAIRS = [" ".join(pair) for pair in product(BRIGHTNESS, SLANT)]
UNSEEN = ("thin right", "thick left")
EACH = 50
"""Images to make of each class and pair of words."""
SHOWN = 12
"""Images of each pair in the picture: a half of each class."""
PER_PAIR = 60
"""Training images of each class and pair of words, or as many as there are."""
SETTINGS: dict[str, Any] = {
    "objective": {"name": "non_saturating", "r1": 1.0},
    "batch_size": 64,
    "learning_rate": 1e-3,
    "discriminator_learning_rate": 1e-3,
    "betas": (0.0, 0.9),
    "diffaugment": (),  # moving or shearing images changes their words
    "ema_half_life": 5000,
}


def described(real: LabelledImages, words: Words) -> LabelledImages:
    """Return PER_PAIR images of each class and seen pair of words, with their attributes."""
    texts = np.array(words(np.asarray(real.images), real.labels))
    seen = [
        np.flatnonzero((texts == pair) & (real.labels == label))[:PER_PAIR]
        for pair, label in product(PAIRS, range(len(real.classes)))
        if pair not in UNSEEN
    ]
    train, describer = np.concatenate(seen), BagOfWords()
    names = describer.fit(texts[train].tolist())
    vectors = describer.vectors(texts[train].tolist(), names)
    return replace(real.subset(train), attributes=vectors, attribute_names=names)


def made_of(network: dict[str, Any], train: LabelledImages, steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return EACH images of each class for each pair of words, class after class."""
    settings = TrainGan(network=build("gan.networks", network), steps=steps, **SETTINGS)
    torch.manual_seed(seed)
    generator, _ = trained_generator(LitGAN(settings, train, seed))
    labels = np.repeat(np.arange(len(train.classes)), EACH)
    made = {}
    for pair in PAIRS:
        vectors = BagOfWords().vectors([pair] * len(labels), train.attribute_names)
        chunks = sample(generator, labels, image_seeds(seed, len(labels)), attributes=vectors)
        made[pair] = np.concatenate(list(chunks))
    return made


def shares(made: dict[str, np.ndarray], words: Words, pairs: Sequence[str], classes: int) -> list[float]:
    """Return the shares of images of `pairs` that have the first word, the second and both."""
    labels = np.repeat(np.arange(classes), EACH)
    matches = np.array(
        [
            [one == other for one, other in zip(pair.split(), text.split(), strict=True)]
            for pair in pairs
            for text in words(made[pair], labels)
        ]
    )
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
    words = Words(np.asarray(real.images), real.labels)
    train = described(real, words)
    groups = {"seen": [pair for pair in PAIRS if pair not in UNSEEN], **{pair: [pair] for pair in UNSEEN}}
    found: dict[str, list[list[float]]] = {name: [] for name in groups}
    for seed in range(arguments.seeds):
        made = made_of(arguments.network, train, arguments.steps, seed)
        for name, pairs in groups.items():
            found[name].append(shares(made, words, pairs, len(train.classes)))
        if arguments.pictures and seed == 0:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            shown = np.concatenate([one[:: len(one) // SHOWN][:SHOWN] for one in made.values()])
            sheet = contact_sheet(shown, np.repeat(np.arange(len(made)), SHOWN), len(made))
            sheet.save(arguments.pictures / "descriptions.png")
    print(f"{len(train)} training images\n| pair | first word, % | second, % | both, % |\n|---|---|---|---|")
    for name, rows_of in found.items():
        columns = zip(*rows_of, strict=True)
        cells = (f"{100 * np.mean(one):.0f} [{100 * min(one):.0f}, {100 * max(one):.0f}]" for one in columns)
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
