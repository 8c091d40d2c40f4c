"""The card of a synthetic set: what its users should know beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganaug.core.plugins import describe, find
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import sources_file
from ganaug.synthesis.generate_settings import Generate

FEW = 0.5
"""A class with less than this fraction of the requested images is reported as short of images."""

TEMPLATE = """\
# Synthetic images: {source_name}, replicate {replicate}

{count:,} images in {classes} classes, {height}×{width} pixels, {channels} channel{plural}, made by a generative
adversarial network (GAN) that was trained on {real:,} real images. They have one purpose: to serve as additional
training images for a classifier of these classes. No person has reviewed them.

| in `data/synthetic/{replicate}` | content |
|---|---|
| `images.npy` | (N, channels, height, width), uint8 |
| `labels.npy` | (N,), int64: the class that each image was made for, an index into `classes` of `card.json` |
{soft}{sources}
| beside this card | content |
|---|---|
| `samples.csv` | one row per candidate: class, seed, its index in `images.npy` if it was kept, and its scores |
| `selection.json` | numbers of candidates, per class |
| `quality.json` | the figures below in full, also per class |
| `contact.png` | the first images of each class{below} |
| `closest.png` | the images closest to a training image, each beside that image |

## Source

{source}. The GAN was trained on the real images that replicate {replicate} drew; the table of classes below gives their
numbers.{unlabelled} Validation images were not trained on: they selected the generator's training step, and they set
the unit of distances and the threshold for near-copies. Test images played no part in anything described here.

## Generation

| | |
|---|---|
| network | {network} |
| objective | {objective} |
| training | {steps:,} steps of {batch_size} images |
| generator used | after step {step:,}, {reason} |
{translated}{described}| truncation of latents | {truncation:g} (1: as trained) |
| seeds | training {gan_seed}, images {image_seed} |
| version | ganaug {version} |

Health of the training: {health}

## Selection

{candidates:,} candidates were generated: {per_image:g} for each of the {requested:,} images requested per class.
Policy {policy}: {policy_summary}
Near-copies of training images were {copies_were}. Each candidate was scored by a classifier that had not been trained
on the training image nearest to it (unless that image is the only one of its class, which every classifier needs).

| class | real training images | candidates | near-copies among them | rejected | kept |
|---|---|---|---|---|---|
{class_rows}

## Quality

{measured:,} of these images are compared with {held_out:,} held-out images (validation images), in features {features}.
Next to each figure of the synthetic images is the score of perfect images (half of the held-out images against the
other half: fewer images, so distances come out larger) and that of copies (the training images themselves).
{caution}

{feature_rows}

## Privacy

Images are compared pixel by pixel, because a classifier's features reveal what it was trained on even if a GAN does
not.

{pixel_rows}

{near_copies:,} of the {count:,} images ({near_share:.1%}) are near-copies: closer to a training image than 95% of the
validation images are, in features of a classifier that was not trained on that image. A generator that does not copy
has about 5%, and more in classes whose images are much alike.{unseen_groups}
`closest.png` shows the pairs that are closest by pixels: look at them.

Figures close to those of perfect images mean that these simple attacks find nothing. They prove nothing: the GAN was
trained without a guarantee such as differential privacy.{other_domain}

## Do not use these images

* As test or validation images, or to report a classifier's accuracy: they show what the GAN has learned.
* As evidence that augmentation helps: that takes a comparison on real test images, as in the project's report.
* Instead of images that must not be shared, above all images of people, without an assessment of your own: see above.
* To estimate how frequent something is: class frequencies were chosen, and the GAN and the selection determine what is
  frequent within a class. What the training images lack is missing here too, and their biases are repeated.
* Together with other images from the same source as if they were new: a near-copy of a training image is a leak where
  that image should be unknown.
{short}"""

FEATURES = {
    "ensemble": (
        "of classifiers that were trained on the training images",
        (
            "These classifiers know the training images, which lie closer together in their features than new images "
            "do: treat the last column as a rough guide. These figures cannot be compared with published ones."
        ),
    ),
    "Inception": (
        "of Inception, a network trained on photographs",
        "Fréchet distances (`fid`) of few images are large: compare them only with those of as many images.",
    ),
}
"""How the card describes the features named in quality.json, and what to keep in mind about them."""

SOURCES = {
    "other": "of all other classes",
    "common": "of more common classes",
    "same": "of the same class",
    "other_domain": "of another domain",
}
"""How the card describes generate.sources."""

OTHER_DOMAIN = """ Nothing here compares these images with the images
of another domain that they were translated from: they may give those away."""

DESCRIBED = "| described as | a training image each, of the same class: column `description` of `samples.csv` |\n"

UNSEEN_GROUPS = """
In this data set images come in groups, and the validation images belong to other groups than the training images: even
a perfect generator of the training groups may have far more than 5%."""


@dataclass(frozen=True)
class CardFacts:
    """Everything that the card reports.

    settings: how the set was generated. training, health: the GAN's training.json and health.json. train: the images
    that the GAN was trained on. selection, quality: the synthetic set's selection.json and quality.json.
    """

    replicate: str
    settings: Generate
    training: Mapping[str, Any]
    health: Mapping[str, Any]
    train: LabelledImages
    synthetic: LabelledImages
    selection: Mapping[str, Any]
    quality: Mapping[str, Any]


def card(facts: CardFacts) -> str:
    """Return the content of CARD.md: Markdown that does not change from run to run or from machine to machine."""
    channels, height, width = facts.synthetic.shape
    features, caution = FEATURES[facts.quality["features"]]
    return TEMPLATE.format(
        replicate=facts.replicate,
        count=len(facts.synthetic),
        classes=len(facts.synthetic.classes),
        channels=channels,
        plural="s" if channels > 1 else "",
        height=height,
        width=width,
        real=len(facts.train),
        measured=facts.quality["images"]["synthetic"],
        held_out=facts.quality["images"]["held_out"],
        features=features,
        caution=caution,
        feature_rows=_figures(facts.quality["figures"], "features"),
        pixel_rows=_figures(facts.quality["figures"], "pixels"),
        near_copies=facts.selection["near_copies_kept"],
        near_share=facts.selection["near_copies_kept"] / len(facts.synthetic),
        unseen_groups=UNSEEN_GROUPS if facts.train.number_of_groups < len(facts.train) else "",
        health=_health(facts.health["findings"]),
        short=_short(facts),
        **_source(facts),
        **_training(facts),
        **_selection(facts),
    )


def _source(facts: CardFacts) -> dict[str, Any]:
    source = dict(facts.train.source)
    title, checksum = source.pop("title", source.get("name", "images")), source.pop("checksum", None)
    unlabelled = facts.training["settings"]["unlabelled"]
    rule = facts.settings.sources
    origin = "image of `data/prepared/other_domain`" if rule == "other_domain" else "training image"
    sources = f"| `{sources_file(rule)}` | (N,), int64: the {origin} that each image was translated from |\n"
    soft = "| `probabilities.npy` | (N, K), float32: a classifier's class probabilities for each image |\n"
    return {
        "source_name": title,
        "source": _options(source) + (f", SHA-256 of its images and labels `{checksum}`" if checksum else ""),
        "unlabelled": ""
        if unlabelled == "ignore"
        else f" It also learned from images without labels (`{unlabelled}`).",
        "soft": soft if facts.settings.labels == "soft" else "",
        "sources": sources if facts.selection["translated"] else "",
        "other_domain": OTHER_DOMAIN if rule == "other_domain" and facts.selection["translated"] else "",
        "below": ", each below the one it was translated from" if facts.selection["translated"] else "",
    }


def _training(facts: CardFacts) -> dict[str, Any]:
    settings = facts.training["settings"]
    closest = "whose images were closest to the validation images"
    return {
        "network": _options(settings["network"]),
        "objective": _options(settings["objective"]),
        "steps": settings["steps"],
        "batch_size": settings["batch_size"],
        "step": facts.health["step_used"],
        "reason": closest if settings["keep"] == "best" else "the last one",
        "translated": _translated(facts) if facts.selection["translated"] else "",
        "described": DESCRIBED if facts.synthetic.attribute_names else "",
        "truncation": facts.settings.truncation,
        "gan_seed": facts.training["seed"],
        "image_seed": facts.synthetic.source["seed"],
        "version": facts.training["ganaug"],
    }


def _translated(facts: CardFacts) -> str:
    classes = SOURCES[facts.settings.sources]
    return f"| translated from | one image each, {classes}: column `source` of `samples.csv` |\n"


def _selection(facts: CardFacts) -> dict[str, Any]:
    policy = describe(facts.settings.policy)
    reals, kept = facts.train.counts.values(), facts.synthetic.counts.values()
    counts = (facts.selection[name] for name in ("candidates", "near_copies", "rejected"))
    rows = zip(facts.synthetic.classes, reals, *counts, kept, strict=True)
    return {
        "candidates": sum(facts.selection["candidates"]),
        "requested": facts.settings.per_class,
        "per_image": facts.settings.candidates_per_image,
        "policy": _options(policy),
        "policy_summary": _summary("synthesis.policies", policy["name"]),
        "copies_were": "rejected" if facts.settings.drop_copies else "not rejected",
        "class_rows": "\n".join(map(_row, rows)),
    }


def _health(findings: Sequence[Mapping[str, str]]) -> str:
    if not findings:
        return "no problems were found."
    listed = (f"* **{finding['name']}**: {finding['seen']}." for finding in findings)
    return "\n\n".join(["these problems were found:", *listed])


def _short(facts: CardFacts) -> str:
    enough = FEW * facts.settings.per_class
    short = [f"{name} ({count})" for name, count in facts.synthetic.counts.items() if count < enough]
    return (
        f"* For these classes, which have less than half of the requested images: {', '.join(short)}.\n"
        if short
        else ""
    )


def _figures(figures: Mapping[str, Mapping[str, Any]], sees: str) -> str:
    """Return a table of the metrics that compare features, or pixels (`sees`), and what each of them means."""
    good = {"high": "high", "low": "low", "none": "like perfect images"}
    names = [name for name, figure in figures.items() if figure["sees"] == sees]
    columns = ("synthetic", "held_out", "train")
    rows = (
        _row([f"`{name}`", good[figures[name]["better"]], *(_number(figures[name][column]) for column in columns)])
        for name in names
    )
    head = ["| figure | good is | these images | perfect images | copies |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", *(_meaning(name, figures[name]["options"]) for name in names)])


def _meaning(name: str, options: Mapping[str, Any]) -> str:
    return f"* {_options({'name': name, **options})}: {_summary('synthesis.metrics', name)}"


def _row(cells: Iterable[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _summary(package: str, name: str) -> str:
    """Return the first paragraph of a plug-in's docstring, in one line."""
    return " ".join((find(package, name).__doc__ or "").split("\n\n")[0].split())


def _options(spec: Mapping[str, Any]) -> str:
    """Return a readable description of a plug-in: its name, then its options."""
    listed = ", ".join(f"{key} {_plain(value)}" for key, value in spec.items() if key != "name")
    return f"`{spec.get('name', '?')}`" + (f" ({listed})" if listed else "")


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: float | None) -> str:
    return "too few images" if value is None else f"{value:.3g}"
