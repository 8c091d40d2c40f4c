"""The card of a synthetic set: what somebody who finds the folder has to know before using it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganaug.core.plugins import describe, find
from ganaug.data.images import LabelledImages
from ganaug.synthesis.generate_settings import Generate

FEW = 0.5
"""A class with less than this share of the images asked for is called short of images."""

TEMPLATE = """\
# Synthetic images: {source_name}, replicate {replicate}

{count:,} images of {classes} classes, {height}×{width} pixels, {channels} channel{plural}. A generative adversarial
network (GAN) made them after learning from {real:,} real images. They are meant for one use: as further training images
of a classifier of these classes. No person has looked through them.

| file | what |
|---|---|
| `images.npy` | (N, channels, height, width), uint8 |
| `labels.npy` | (N,), int64: the class that each image was made for, as its position in `classes` of `card.json` |
{soft}| `samples.csv` | a row for each candidate: class, seed, place in `images.npy` if it was kept, and its scores |
| `quality.json` | the figures below in full, also class by class |
| `contact.png` | the first images of each class |
| `closest.png` | those that are closest to a training image, which is to the right of each |

## What they were made from

Source: {source}. Replicate {replicate} drew the real images that the GAN was trained on; the table of classes below
says how many.{unlabelled} Validation images trained nothing; they chose the step below, and set the unit of distances
and what counts as a near-copy. Test images had no part in anything here.

## How they were made

| | |
|---|---|
| network | {network} |
| objective | {objective} |
| training | {steps:,} steps of {batch_size} images |
| generator used | after step {step:,}, {reason} |
| truncation of latents | {truncation:g} (1: as trained) |
| seeds | of the training {gan_seed}, of the images {image_seed} |
| version | ganaug {version} |

Health of the training: {health}

## How they were selected

{candidates:,} candidates were made: for {asked:,} images of each class, {pool:g} times as many.
Policy {policy}: {policy_summary}
Near-copies of training images were {copies_were}. The classifier that judged a candidate had not been trained on the
training image nearest to it, unless that is the only one of its class, which every classifier needs.

| class | real training images | candidates | near-copies among these | refused | kept |
|---|---|---|---|---|---|
{class_rows}

## How good they are

Compared with {held_out:,} held-out images, which are the validation images, in features {features}.
Beside the figure of the synthetic images is what perfect ones would have (half of the held-out images, compared with
the other half: fewer images, so that distances come out larger) and what copies would have (the training images
themselves). {caution}

{feature_rows}

## How private they are

Compared pixel by pixel: the features of a classifier give away what it was trained on, even if a GAN does not.

{pixel_rows}

{near_copies:,} of the {count:,} images ({near_share:.1%}) are near-copies: closer to a training image than 95 % of the
validation images are, in features that do not know that training image. An honest generator has about 5 %, more of
them in classes whose images are much alike.{strangers}
`closest.png` shows the pairs that are closest by pixels: look at them.

Figures close to those of perfect images mean that these simple attacks find nothing. They prove nothing: the GAN was
trained without a guarantee such as differential privacy.

## What they must not be used for

* As test or validation images, or to say how good a classifier is: they show what the GAN has learned.
* As proof that augmentation helps: that takes a comparison on real test images, which the project's report has.
* In place of images that are not to be shared, of people above all, without an assessment of its own: see above.
* To learn how frequent something is: classes are as frequent as asked for, and kinds within a class as the GAN and the
  selection made them. What the training images lack is missing here, and their bias is here too.
* Together with other images of the same source as if they were new: a near-copy of a training image is a leak where
  that image is meant to be unknown.
{short}"""

FEATURES = {
    "ensemble": (
        "of classifiers that were trained on the training images",
        (
            "These features know the training images, which lie closer together there than new images do: take the "
            "last column for a rough guide. Figures in these features cannot be compared with published ones."
        ),
    ),
    "Inception": (
        "of Inception, a network that knows photographs",
        "Fréchet distances (`fid`) of few images are large: compare them only with those of as many.",
    ),
}
"""What is to be known of the features that quality.json names."""


STRANGERS = """
Here images come in groups, and the validation images are of others than the training images: a perfect
generator of the training groups may have far more than 5 %."""


@dataclass(frozen=True)
class Made:
    """What the card is written from.

    training, health: content of the GAN's training.json and health.json. candidates, copies, refused: of each class,
    how many candidates there were, how many of these are near-copies of training images, and how many were never to be
    taken. kept_copies: near-copies among the images of the set. quality: content of quality.json.
    """

    replicate: str
    settings: Generate
    training: Mapping[str, Any]
    health: Mapping[str, Any]
    train: LabelledImages
    synthetic: LabelledImages
    candidates: Sequence[int]
    copies: Sequence[int]
    refused: Sequence[int]
    kept_copies: int
    quality: Mapping[str, Any]


def card(made: Made) -> str:
    """Return CARD.md: Markdown, without anything that changes from run to run or from machine to machine."""
    channels, height, width = made.synthetic.shape
    features, caution = FEATURES[made.quality["features"]]
    return TEMPLATE.format(
        replicate=made.replicate,
        count=len(made.synthetic),
        classes=len(made.synthetic.classes),
        channels=channels,
        plural="s" if channels > 1 else "",
        height=height,
        width=width,
        real=len(made.train),
        held_out=made.quality["images"]["held_out"],
        features=features,
        caution=caution,
        feature_rows=_figures(made.quality["figures"], "features"),
        pixel_rows=_figures(made.quality["figures"], "pixels"),
        near_copies=made.kept_copies,
        near_share=made.kept_copies / len(made.synthetic),
        strangers=STRANGERS if made.train.number_of_groups < len(made.train) else "",
        health=_health(made.health["findings"]),
        short=_short(made),
        **_source(made),
        **_training(made),
        **_selection(made),
    )


def _source(made: Made) -> dict[str, Any]:
    source = dict(made.train.source)
    title, checksum = source.pop("title", source.get("name", "images")), source.pop("checksum", None)
    unlabelled = made.training["settings"]["unlabelled"]
    soft = "| `probabilities.npy` | (N, K), float32: how much a classifier takes each image for each class |\n"
    return {
        "source_name": title,
        "source": _options(source) + (f", SHA-256 of its images and labels `{checksum}`" if checksum else ""),
        "unlabelled": "" if unlabelled == "ignore" else f" It was given images without labels too (`{unlabelled}`).",
        "soft": soft if made.settings.labels == "soft" else "",
    }


def _training(made: Made) -> dict[str, Any]:
    settings = made.training["settings"]
    closest = "whose images came closest to the validation images"
    return {
        "network": _options(settings["network"]),
        "objective": _options(settings["objective"]),
        "steps": settings["steps"],
        "batch_size": settings["batch_size"],
        "step": made.health["step_used"],
        "reason": closest if settings["keep"] == "best" else "the last one",
        "truncation": made.settings.truncation,
        "gan_seed": made.training["seed"],
        "image_seed": made.synthetic.source["seed"],
        "version": made.training["ganaug"],
    }


def _selection(made: Made) -> dict[str, Any]:
    policy = describe(made.settings.policy)
    reals, kept = made.train.counts.values(), made.synthetic.counts.values()
    rows = zip(made.synthetic.classes, reals, made.candidates, made.copies, made.refused, kept, strict=True)
    return {
        "candidates": sum(made.candidates),
        "asked": made.settings.per_class,
        "pool": made.settings.pool,
        "policy": _options(policy),
        "policy_summary": _summary("synthesis.policies", policy["name"]),
        "copies_were": "refused" if made.settings.drop_copies else "not refused",
        "class_rows": "\n".join(map(_row, rows)),
    }


def _health(found: Sequence[Mapping[str, str]]) -> str:
    if not found:
        return "nothing was found wrong."
    return "\n\n".join(["what was found wrong at its end:", *(f"* **{one['name']}**: {one['seen']}." for one in found)])


def _short(made: Made) -> str:
    asked = made.settings.per_class
    short = [f"{name} ({count})" for name, count in made.synthetic.counts.items() if count < FEW * asked]
    return (
        f"* For these classes, of which there are less than half of the images: {', '.join(short)}.\n" if short else ""
    )


def _figures(figures: Mapping[str, Mapping[str, Any]], sees: str) -> str:
    """Return a table of the metrics that see features or pixels, and what each of them means."""
    good = {"high": "high", "low": "low", "none": "as perfect ones"}
    names = [name for name, figure in figures.items() if figure["sees"] == sees]
    columns = ("synthetic", "held_out", "train")
    rows = (
        _row([f"`{name}`", good[figures[name]["better"]], *(_number(figures[name][column]) for column in columns)])
        for name in names
    )
    head = ["| figure | good is | these images | perfect images | copies |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", *(f"* `{name}`: {_summary('synthesis.metrics', name)}" for name in names)])


def _row(cells: Iterable[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _summary(package: str, name: str) -> str:
    """Return the first paragraph that a plug-in says of itself, in one line."""
    return " ".join((find(package, name).__doc__ or "").split("\n\n")[0].split())


def _options(spec: Mapping[str, Any]) -> str:
    """Return a plug-in's description for people: its name, then its options."""
    listed = ", ".join(f"{key} {_plain(value)}" for key, value in spec.items() if key != "name")
    return f"`{spec.get('name', '?')}`" + (f" ({listed})" if listed else "")


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: float | None) -> str:
    return "too few images" if value is None else f"{value:.3g}"
