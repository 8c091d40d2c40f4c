"""The synthetic set of one generator: candidates, the choice among them, and what is to be known of the outcome."""

from __future__ import annotations

import csv
from math import ceil, isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.files import plain, read_json, recreate_directory, write_json
from ganaug.core.pictures import contact_sheet, side_by_side
from ganaug.core.progress import Progress
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages
from ganaug.gan.sampling import CHUNK, image_seeds, load_discriminator, load_generator, sample
from ganaug.synthesis.card import Made, card
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.inception import InceptionFeatures
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.policies import Scores
from ganaug.synthesis.quality import closest_pairs, quality
from ganaug.synthesis.selection import score_candidates, select

PAIRS = 16
"""Pairs of synthetic and training images in closest.png."""


class Sources(NamedTuple):
    """What a synthetic set is made from, and judged by."""

    gan: Path
    """The folder that GAN training wrote."""
    ensemble: Ensemble
    train: LabelledImages
    val: LabelledImages


def draw(settings: Generate, gan: Path, seed: int, title: str) -> tuple[LabelledImages, np.ndarray]:
    """Return all candidates that the generator in `gan` makes, and the seed of each, (N,) int64.

    The images of a class come one after the other. title: what progress is called.
    """
    generator, classes = load_generator(gan)
    each = ceil(round(settings.per_class * settings.pool, 6))  # 10 × 1.1 is a little above 11
    labels = np.repeat(np.arange(len(classes), dtype=np.int64), each)
    seeds = image_seeds(seed, len(labels))
    progress = Progress(title, len(labels))
    parts = []
    for number, chunk in enumerate(sample(generator, labels, seeds, device(), settings.truncation)):
        parts.append(chunk)
        progress.step(min((number + 1) * CHUNK, len(labels)))
    progress.close()
    return LabelledImages(np.concatenate(parts), labels, classes, {"name": "gan", "seed": seed}), seeds


def generate(settings: Generate, sources: Sources, seed: int, output: Path) -> LabelledImages:
    """Make candidates, choose, and write the synthetic set, which is returned, to `output`.

    Beside the images are written: samples.csv, a row for each candidate with its scores; probabilities.npy for soft
    labels, (N, K) float32; contact.png; quality.json; closest.png, the synthetic images that are closest to a training
    image, by pixels, with that image to the right; and CARD.md. The same generator, ensemble, images, settings, seed
    and machine give the same bytes.

    Raises InputError if no candidate is kept.
    """
    title = f"generate@{output.name}"
    candidates, seeds = draw(settings, sources.gan, seed, title)
    discriminator = load_discriminator(sources.gan)
    scores, probabilities = score_candidates(candidates, sources.ensemble, discriminator, sources.train, sources.val)
    classes = candidates.classes
    chosen = select(
        scores,
        settings.per_class,
        len(classes),
        settings.policy,
        numpy_generator(seed, "selection"),
        drop_copies=settings.drop_copies,
    )
    synthetic = candidates.subset(chosen.kept)
    _tell(title, settings, len(candidates), synthetic, chosen.refused)
    figures, closest = _measure(settings, sources, synthetic)
    synthetic.save(recreate_directory(output))
    if settings.labels == "soft":
        np.save(output / "probabilities.npy", probabilities[chosen.kept])
    _write_samples(output / "samples.csv", scores, seeds, chosen.kept)
    contact_sheet(synthetic.images, synthetic.labels, len(classes)).save(output / "contact.png")
    side_by_side(*closest).save(output / "closest.png")
    write_json(output / "quality.json", figures)
    facts = Made(
        replicate=output.name,
        settings=settings,
        training=read_json(sources.gan / "training.json"),
        health=read_json(sources.gan / "health.json"),
        train=sources.train,
        synthetic=synthetic,
        candidates=list(candidates.counts.values()),
        copies=np.bincount(candidates.labels[scores.near_copy], minlength=len(classes)).tolist(),
        refused=chosen.refused.tolist(),
        kept_copies=int(scores.near_copy[chosen.kept].sum()),
        quality=figures,
    )
    (output / "CARD.md").write_text(card(facts), encoding="utf-8")
    return synthetic


def _tell(title: str, settings: Generate, candidates: int, synthetic: LabelledImages, refusals: np.ndarray) -> None:
    """Print which classes have fewer images than asked for. Raises InputError if no class has any."""
    if len(synthetic) == 0:
        raise InputError(
            f"generate: of {candidates} candidates none is kept; take a larger generate.pool, another "
            f"generate.policy, or drop_copies: false, and see what models/gan says of the GAN's health"
        )
    for (name, count), refused in zip(synthetic.counts.items(), refusals.tolist(), strict=True):
        if count == 0:
            print(
                f"{title}: warning: class '{name}' has no synthetic image, all {refused} candidates are refused; take "
                f"a larger generate.pool or another generate.policy, or train the GAN for longer",
                flush=True,
            )
        elif count < settings.per_class:
            print(
                f"{title}: class '{name}' has {count} of {settings.per_class} images, {refused} candidates refused",
                flush=True,
            )


def _measure(
    settings: Generate, sources: Sources, synthetic: LabelledImages
) -> tuple[dict[str, Any], tuple[np.ndarray, np.ndarray]]:
    """Return the content of quality.json, and the closest pairs: synthetic images, and training images beside them.

    Features are Inception's, or all members' in one row: whole sets cannot be cross-fitted. Validation images have
    trained no member, and are as new to all of them as synthetic images are, so these two can be compared, but for the
    choice of each member's best step by validation images. Training images are known to all members but one, and lie
    closer together there: figures of `train`, synthetic images that are copies, are a rough guide.
    """
    extractor = InceptionFeatures.load(settings.inception) if settings.inception else sources.ensemble.extractor
    sets = synthetic, sources.train, sources.val
    features = Compared(*(part for one in sets for part in (extractor(one.images), one.labels)))
    pixels = Compared(*(part for one in sets for part in (_pixels(one.images), one.labels)))
    pairs = closest_pairs(pixels, PAIRS)
    shown = synthetic.images[pairs.synthetic], np.asarray(sources.train.images[pairs.train])
    figures = quality(features, pixels, synthetic.classes)
    return {"features": "Inception" if settings.inception else "ensemble", **figures}, shown


def _pixels(images: np.ndarray) -> np.ndarray:
    """Return (N, F) float64 in [0, 1] of uint8 images (N, C, H, W)."""
    return images.reshape(len(images), -1) / 255


def _write_samples(path: Path, scores: Scores, seeds: np.ndarray, kept: np.ndarray) -> None:
    """Write a row for each candidate; `kept` is its index in images.npy, or empty."""
    places = dict(zip(kept.tolist(), range(len(kept)), strict=True))
    columns = {
        name: [plain(value) if isfinite(value) else "" for value in values.tolist()]
        for name, values in scores._asdict().items()
    }
    labels = columns.pop("label")
    count = len(labels)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["candidate", "label", "seed", "kept", *columns])
        indices = [places.get(one, "") for one in range(count)]
        writer.writerows(zip(range(count), labels, seeds.tolist(), indices, *columns.values(), strict=True))
