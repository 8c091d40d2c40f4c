"""Generates a synthetic set: draws candidates from a GAN's generator, and selects among them."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.files import format_number, recreate_directory, write_json
from ganaug.core.messages import note, warn
from ganaug.core.pictures import contact_sheet
from ganaug.core.rows import Rows
from ganaug.core.seeding import numpy_generator
from ganaug.core.text import printable
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import SourceRule, attributes_of_class, choose_sources, sources_file
from ganaug.gan.networks import Rendering
from ganaug.gan.sampling import collect, image_seeds, sample
from ganaug.gan.store import load_discriminator, load_generator
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.k_same import cluster_means
from ganaug.synthesis.policies import CandidateScores
from ganaug.synthesis.selection import Selection, score_candidates, select
from ganaug.synthesis.stand_ins import candidate_labels, in_hidden_order, places

REPEATS = (
    "most are near-copies of training images: train the GAN with diffaugment, for fewer steps, or on more real images"
)
MISSES = "raise generate.candidates_per_image, choose another generate.policy, or train the GAN for longer"
"""Remedies if no candidate of a class is kept: if most are near-copies, and for any other reason."""


class Inputs(NamedTuple):
    """Inputs of `generate`.

    gan: the folder that GAN training wrote. other_domain: images of another domain, if there are any.
    """

    gan: Path
    ensemble: Ensemble
    train: LabelledImages
    val: LabelledImages
    other_domain: LabelledImages | None = None

    def to_translate(self, rule: SourceRule) -> LabelledImages:
        """Return the images that `rule` chooses sources from. Raises InputError if there are none."""
        if rule != "other_domain":
            return self.train
        if not self.other_domain:
            raise InputError(
                "generate.sources: there are no images of another domain; name their folder in prepare.other_domain"
            )
        return self.other_domain


class Output(NamedTuple):
    """Output folders: `images` for images and labels, `report` for reports on them."""

    images: Path
    report: Path


class Candidates(NamedTuple):
    """All candidates, class by class."""

    images: LabelledImages
    seeds: np.ndarray
    """(N,) int64."""
    sources: np.ndarray | None
    """(N,) int64: index of the image that each was translated from; None if the generator starts from noise."""


def draw(settings: Generate, gan: Path, images: LabelledImages, seed: int, title: str) -> Candidates:
    """Return all candidates from the generator in `gan`.

    images: the images to translate, if the generator translates; otherwise, their attributes, if any, describe the
    candidates. title: heading of progress messages.
    """
    generator, classes = load_generator(gan)
    labels = candidate_labels(settings, images)
    seeds = image_seeds(seed, len(labels))
    chosen = choose_sources(settings.sources, images, labels, seed) if generator.translates else None
    sources = None if chosen is None else _source_images(settings, images, chosen)
    attributes = attributes_of_class(images, labels, seed)
    chunks = sample(generator, labels, seeds, device(), Rendering(settings.truncation), sources, attributes)
    pixels = collect(title, chunks, len(labels))
    if settings.stand_ins:  # seed and description would reveal the link
        return Candidates(LabelledImages(pixels, labels, classes, {"name": "gan"}), seeds, chosen)
    described = attributes, images.attribute_names, images.describer
    made = LabelledImages(pixels, labels, classes, {"name": "gan", "seed": seed}, None, *described)
    return Candidates(made, seeds, chosen)


def _source_images(settings: Generate, images: LabelledImages, chosen: np.ndarray) -> Rows:
    """Return the images (N, C, H, W) to translate: the images at `chosen`, (N,), or their clusters' means."""
    if settings.k_same is None:
        return images.subset(chosen).images
    clusters, means = cluster_means(images, settings.k_same)
    return means[clusters[chosen]]


def generate(settings: Generate, inputs: Inputs, seed: int, output: Output) -> LabelledImages:
    """Generate candidates, select among them, and write and return the synthetic set.

    `output.images` gets images, labels and, if labels are soft, probabilities.npy, (N, K) float32; for translated
    images also sources.npy, (N,) int64, the index in `inputs.train` of each image's source, or, with
    `sources: other_domain`, other_domain_sources.npy, the index in `inputs.other_domain`. `output.report` gets
    samples.csv, a row per candidate with its scores; selection.json, counts per class; and contact.png, which shows
    each translated image below its source. The same generator, ensemble, images, settings, seed and machine give the
    same bytes.

    Stand-ins come in an order that only the seed reveals, and no file names their sources.

    Raises InputError if no candidate is kept.
    """
    to_translate = inputs.to_translate(settings.sources)
    drawn = draw(settings, inputs.gan, to_translate, seed, f"generate@{output.images.name}")
    candidates = drawn.images
    discriminator, _ = load_discriminator(inputs.gan)
    scores, probabilities = score_candidates(candidates, inputs.ensemble, discriminator, inputs.train, inputs.val)
    requested = settings.requested(inputs.train.counts.values())
    chosen = select(
        scores,
        requested,
        len(candidates.classes),
        settings.policy,
        numpy_generator(seed, "selection"),
        drop_copies=settings.drop_copies,
        places=places(settings, inputs.train) if settings.stand_ins else None,
    )
    linked = not settings.stand_ins
    kept = chosen.kept if linked else in_hidden_order(chosen.kept, seed)
    synthetic = candidates.subset(kept)
    counts = _counts(drawn, scores, chosen, settings.drop_copies)
    _report_shortages(requested, synthetic, counts)
    synthetic.save(recreate_directory(output.images))
    if settings.labels == "soft":
        np.save(output.images / "probabilities.npy", probabilities[kept])
    sources = None
    if drawn.sources is not None and linked:
        np.save(output.images / sources_file(settings.sources), drawn.sources[kept])
        sources = to_translate.subset(drawn.sources[kept]).images
    output.report.mkdir(parents=True, exist_ok=True)
    _write_samples(output.report / "samples.csv", scores, drawn, chosen.kept, linked=linked)
    write_json(output.report / "selection.json", counts)
    sheet = contact_sheet(synthetic.images, synthetic.labels, len(candidates.classes), above=sources)
    sheet.save(output.report / "contact.png")
    return synthetic


def _descriptions(images: LabelledImages) -> list[str]:
    """Return the attributes of each image that are not 0, such as "thin, age=0.4"."""
    return [
        ", ".join(
            name if value == 1 else f"{name}={value:g}"
            for name, value in zip(images.attribute_names, row, strict=True)
            if value
        )
        for row in images.described.tolist()
    ]


def _report_shortages(requested: Sequence[int], synthetic: LabelledImages, counts: Mapping[str, Any]) -> None:
    """Print which classes have fewer images than requested. Raises InputError if there are no images at all.

    counts: as in selection.json.
    """
    if len(synthetic) == 0:
        raise InputError(
            f"generate: none of the {sum(counts['candidates'])} candidates was kept; raise "
            f"generate.candidates_per_image, choose another generate.policy, or set drop_copies: false; "
            f"see health.json in models/gan for problems with the GAN"
        )
    by_class = zip(synthetic.counts.items(), requested, counts["rejected"], counts["rejected_as_copies"], strict=True)
    for (name, kept), wanted, count_rejected, copies in by_class:
        shown = f"class '{printable(name)}'"
        if kept == 0 < wanted:
            warn(
                f"{shown} has no synthetic images: all {count_rejected} candidates were rejected; "
                f"{REPEATS if copies > count_rejected / 2 else MISSES}"
            )
        elif kept < wanted:
            note(f"{shown} has {kept} of {wanted} synthetic images; {count_rejected} candidates were rejected")


def _counts(drawn: Candidates, scores: CandidateScores, chosen: Selection, drop_copies: bool) -> dict[str, Any]:
    """Return the content of selection.json; its lists count candidates per class."""
    candidates, classes = drawn.images, len(drawn.images.classes)
    near_copies = np.bincount(candidates.labels[scores.near_copy], minlength=classes)
    return {
        "classes": list(candidates.classes),
        "candidates": list(candidates.counts.values()),
        "near_copies": near_copies.tolist(),
        "rejected": chosen.rejected.tolist(),
        "rejected_as_copies": (near_copies if drop_copies else 0 * near_copies).tolist(),
        "translated": drawn.sources is not None,
        "near_copies_kept": int(scores.near_copy[chosen.kept].sum()),
    }


def _write_samples(path: Path, scores: CandidateScores, drawn: Candidates, kept: np.ndarray, *, linked: bool) -> None:
    """Write one row per candidate.

    Column `kept` is the candidate's index in images.npy, or empty; `source`, for translated images, the index of the
    image that it was translated from; `description` its attributes, if there are any. If images must not be `linked`
    to their sources, `kept` is "yes" or empty, and there is no `source`.
    """
    shown: Sequence[object] = range(len(kept)) if linked else ["yes"] * len(kept)
    index_in_set = dict(zip(kept.tolist(), shown, strict=True))
    columns = {
        name: [format_number(value) if isfinite(value) else "" for value in values.tolist()]
        for name, values in scores._asdict().items()
    }
    labels = columns.pop("label")
    if linked and drawn.sources is not None:
        columns = {"source": drawn.sources.tolist(), **columns}
    if drawn.images.attributes is not None:
        columns = {"description": _descriptions(drawn.images), **columns}
    count = len(labels)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["candidate", "label", "seed", "kept", *columns])
        indices = [index_in_set.get(candidate, "") for candidate in range(count)]
        writer.writerows(zip(range(count), labels, drawn.seeds.tolist(), indices, *columns.values(), strict=True))
