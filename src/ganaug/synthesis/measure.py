"""Measures a synthetic set and reports on it: quality, privacy, closest pairs and the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.files import read_json, write_json
from ganaug.core.pictures import side_by_side
from ganaug.core.rows import Rows
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages
from ganaug.synthesis.card import CardFacts, card
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.inception import InceptionFeatures
from ganaug.synthesis.linkability import all_attacks, linkability
from ganaug.synthesis.measure_settings import Measure
from ganaug.synthesis.metrics import Compared
from ganaug.synthesis.quality import all_metrics, quality


class MeasuredSets(NamedTuple):
    """The set to measure and the sets to compare it with.

    gan: the folder that GAN training wrote. sources: (N,) int64: index in `train` of the image that each synthetic
    image was translated from or stands for; None if there are none.
    """

    synthetic: LabelledImages
    train: LabelledImages
    val: LabelledImages
    ensemble: Ensemble
    gan: Path
    sources: np.ndarray | None = None


def measure(settings: Measure, generated: Generate, sets: MeasuredSets, output: Path) -> None:
    """Measure a synthetic set and write quality.json, closest.png and CARD.md to `output`.

    generated: the settings that the set was made with. `output` holds the selection.json that `generate` wrote.
    closest.png shows the synthetic images of each class that are closest to a training image by pixels, each beside
    that image.

    Features are Inception's, or those of all ensemble members, concatenated: whole sets cannot be cross-fitted. No
    member was trained on validation images: they are as new to all members as synthetic images are, so that the two can
    be compared (except that validation images chose each member's best step). But all members except one were trained
    on each training image, and training images lie closer together in their features: the column `train`, the score of
    copies, is a rough guide. None of this applies to a frozen backbone, which was not trained on this data set.

    Only `settings.max_images` images of larger sets are measured: time grows with the square of their number.

    Stand-ins are also attacked, which needs `sets.sources`.
    """
    sample = _Sample.of(sets, settings.max_images)
    extractor = InceptionFeatures.load(settings.inception) if settings.inception else sets.ensemble.extractor
    measured = quality(
        all_metrics() if settings.metrics is None else settings.metrics,
        lambda: sample.represented(extractor),
        lambda: _revealing(sample, sets.train),
        sets.synthetic.classes,
        len(sample.synthetic),
    )
    features = "Inception" if settings.inception else "frozen" if sets.ensemble.frozen else "ensemble"
    figures = {"features": features, "max_images": settings.max_images, **measured.figures}
    if generated.stand_ins and sets.sources is not None and sample.sources is not None:
        figures["stand_ins"] = {
            "pairs": len(sample.synthetic),
            "without_stand_in": len(sets.train) - len(np.unique(sets.sources)),
            "attacks": _attacked(settings, sample.sources, sample.represented(_pixels), sets.train),
        }
    if sets.ensemble.pretrained:
        figures["pretrained"] = dict(sets.ensemble.pretrained)
    closest = measured.closest
    sheet = side_by_side(sample.synthetic.images[closest.synthetic], sample.train.images[closest.train])
    sheet.save(output / "closest.png")
    write_json(output / "quality.json", figures)
    (output / "CARD.md").write_text(card(_facts(generated, sets, figures, output)), encoding="utf-8")


class _Sample(NamedTuple):
    """The images of each set that are measured."""

    synthetic: LabelledImages
    train: LabelledImages
    val: LabelledImages
    sources: np.ndarray | None
    """The sources of `synthetic`, as in `MeasuredSets`."""

    @classmethod
    def of(cls, sets: MeasuredSets, most: int) -> Self:
        """Choose up to `most` images of each set."""
        whole = sets.synthetic, sets.train, sets.val
        chosen = [_at_most(most, len(images)) for images in whole]
        synthetic, train, val = (images.subset(rows) for images, rows in zip(whole, chosen, strict=True))
        return cls(synthetic, train, val, None if sets.sources is None else sets.sources[chosen[0]])

    def represented(self, represent: Callable[[Rows], np.ndarray]) -> Compared:
        """Return the three sets with images as `represent` returns them."""
        sets = self.synthetic, self.train, self.val
        return Compared(*(array for images in sets for array in (represent(images.images), images.labels)))


def _revealing(sample: _Sample, train: LabelledImages) -> Compared:
    """Return the pixels that may reveal training images. train: all training images, and so all sources.

    A translated image is included twice, with its own label and with its source's: it may reveal its source, and
    privacy metrics compare images within a class.
    """
    pixels = sample.represented(_pixels)
    if sample.sources is None:
        return pixels
    return pixels._replace(
        synthetic=np.concatenate([pixels.synthetic, pixels.synthetic]),
        synthetic_labels=np.concatenate([pixels.synthetic_labels, train.labels[sample.sources]]),
    )


def _facts(generated: Generate, sets: MeasuredSets, figures: Mapping[str, Any], output: Path) -> CardFacts:
    return CardFacts(
        replicate=output.name,
        settings=generated,
        training=read_json(sets.gan / "training.json"),
        health=read_json(sets.gan / "health.json"),
        train=sets.train,
        synthetic=sets.synthetic,
        selection=read_json(output / "selection.json"),
        quality=figures,
    )


def _attacked(settings: Measure, sources: np.ndarray, pixels: Compared, train: LabelledImages) -> dict[str, Any]:
    """Return the results of the attacks.

    sources: (N,): index in `train` of each measured stand-in's source. pixels: the measured images. If these do not
    include all training images, stand-ins are only compared with the sources of measured stand-ins.
    """
    real = np.arange(len(train))
    if len(pixels.train) < len(train):
        real, sources = np.unique(sources, return_inverse=True)
    compared = pixels._replace(
        synthetic=pixels.synthetic.astype(np.float32),
        train=_pixels(train.images[real]).astype(np.float32),
        train_labels=train.labels[real],
        held_out=pixels.held_out.astype(np.float32),
    )
    attacks = all_attacks() if settings.attacks is None else settings.attacks
    return linkability(attacks, compared, sources, train.group_ids[real])


def _at_most(count: int, images: int) -> np.ndarray:
    """Return the indices of at most `count` of `images` images: a random choice, but always the same."""
    if images <= count:
        return np.arange(images)
    return np.sort(numpy_generator(0, "measure").permutation(images)[:count])


def _pixels(images: Rows) -> np.ndarray:
    """Return (N, F) uint8 for uint8 images (N, C, H, W). Integers keep equal distances exactly equal."""
    return np.asarray(images).reshape(len(images), -1)
