"""Writes the card of a synthetic set: what its users should know beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ganaug.core.plugins import describe
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import sources_file
from ganaug.synthesis.card_of_stand_ins import stand_ins_section
from ganaug.synthesis.card_text import (
    DESCRIBED,
    FEATURES,
    KEPT,
    LOOKED,
    OTHER_DOMAIN,
    PRETRAINED,
    SOURCES,
    TEMPLATE,
    UNSEEN_GROUPS,
)
from ganaug.synthesis.card_words import literal, meaning, number, options, row, summary
from ganaug.synthesis.generate_settings import Generate

FEW = 0.5
"""A class with less than this fraction of the requested images is reported as short of images."""


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
        purpose="substitute" if facts.settings.stand_ins else "additional",
        stand_ins=_stand_ins(facts),
        **_source(facts),
        **_training(facts),
        **_selection(facts),
    )


def _stand_ins(facts: CardFacts) -> str:
    found = facts.quality.get("stand_ins")
    at_random = not facts.selection["translated"] and facts.train.attributes is None
    return stand_ins_section(found, facts.settings, at_random=at_random) if found else ""


def _source(facts: CardFacts) -> dict[str, Any]:
    source = dict(facts.train.source)
    title, checksum = source.pop("title", source.get("name", "images")), source.pop("checksum", None)
    unlabelled = facts.training["settings"]["unlabelled"]
    elsewhere = bool(facts.training["settings"].get("other_domain_share"))
    learned = "" if unlabelled == "ignore" else f" It also learned from images without labels (`{unlabelled}`)."
    pretrained = facts.training.get("pretrained")
    looked = LOOKED.format_map(pretrained) if pretrained else ""
    rule = facts.settings.sources
    origin = "image of `data/prepared/other_domain`" if rule == "other_domain" else "training image"
    sources = f"| `{sources_file(rule)}` | (N,), int64: the {origin} that each image was translated from |\n"
    soft = "| `probabilities.npy` | (N, K), float32: a classifier's class probabilities for each image |\n"
    linked = facts.selection["translated"] and not facts.settings.stand_ins
    return {
        "source_name": literal(title),
        "source": options(source) + (f", SHA-256 of its images and labels `{checksum}`" if checksum else ""),
        "learned": learned + (" It also learned from images of another domain." if elsewhere else "") + looked,
        "soft": soft if facts.settings.labels == "soft" else "",
        "sources": sources if linked else "",
        "other_domain": OTHER_DOMAIN if elsewhere else "",
        "below": ", each below the one it was translated from" if linked else "",
        "whether_kept": "whether it was kept" if facts.settings.stand_ins else KEPT,
    }


def _training(facts: CardFacts) -> dict[str, Any]:
    settings = facts.training["settings"]
    closest = "whose images were closest to the validation images"
    return {
        "network": options(settings["network"]),
        "objective": options(settings["objective"]),
        "steps": settings["steps"],
        "batch_size": settings["batch_size"],
        "step": facts.health["step_used"],
        "reason": closest if settings["keep"] == "best" else "the last one",
        "translated": _translated(facts) if facts.selection["translated"] else "",
        "described": DESCRIBED if facts.synthetic.attribute_names else "",
        "truncation": facts.settings.truncation,
        "seeds": _seeds(facts),
        "version": facts.training["ganaug"],
    }


def _translated(facts: CardFacts) -> str:
    classes, k = SOURCES[facts.settings.sources], facts.settings.k_same
    if not facts.settings.stand_ins:
        return f"| translated from | one image each, {classes}: column `source` of `samples.csv` |\n"
    each = "one training image each" if k is None else f"the mean of at least {k} training images each"
    return f"| translated from | {each}, {classes} |\n"


def _seeds(facts: CardFacts) -> str:
    if facts.settings.stand_ins:
        return "withheld: they reveal which image stands for which"
    return f"training {facts.training['seed']}, images {facts.synthetic.source['seed']}"


def _selection(facts: CardFacts) -> dict[str, Any]:
    policy = describe(facts.settings.policy)
    reals, kept = facts.train.counts.values(), facts.synthetic.counts.values()
    counts = (facts.selection[name] for name in ("candidates", "near_copies", "rejected"))
    rows = zip(map(literal, facts.synthetic.classes), reals, *counts, kept, strict=True)
    return {
        "candidates": sum(facts.selection["candidates"]),
        "requested": _requested(facts.settings),
        "per_image": facts.settings.candidates_per_image,
        "policy": options(policy),
        "policy_summary": summary("synthesis.policies", policy["name"]),
        "copies_were": "rejected" if facts.settings.drop_copies else "not rejected",
        "pretrained": PRETRAINED.format_map(facts.quality["pretrained"]) if "pretrained" in facts.quality else "",
        "class_rows": "\n".join(map(row, rows)),
    }


def _requested(settings: Generate) -> str:
    if settings.per_class == "as_train":
        return "each training image"
    return f"each of the {settings.per_class:,} images requested per class"


def _health(findings: Sequence[Mapping[str, str]]) -> str:
    if not findings:
        return "no problems were found."
    listed = (f"* **{finding['name']}**: {finding['seen']}." for finding in findings)
    return "\n\n".join(["these problems were found:", *listed])


def _short(facts: CardFacts) -> str:
    counts = facts.synthetic.counts
    requested = facts.settings.requested(facts.train.counts.values())
    pairs = zip(counts.items(), requested, strict=True)
    short = [f"{literal(name)} ({count})" for (name, count), wanted in pairs if count < FEW * wanted]
    return (
        f"* For these classes, which have less than half of the requested images: {', '.join(short)}.\n"
        if short
        else ""
    )


def _figures(figures: Mapping[str, Mapping[str, Any]], sees: str) -> str:
    """Return a table of the metrics that see features, or pixels (`sees`), and an explanation of each."""
    good = {"high": "high", "low": "low", "none": "like perfect images"}
    names = [name for name, figure in figures.items() if figure["sees"] == sees]
    columns = ("synthetic", "held_out", "train")
    rows = (
        row([f"`{name}`", good[figures[name]["better"]], *(number(figures[name][column]) for column in columns)])
        for name in names
    )
    head = ["| figure | good is | these images | perfect images | copies |", "|---|---|---|---|---|"]
    return "\n".join(
        [*head, *rows, "", *(meaning("synthesis.metrics", name, figures[name]["options"]) for name in names)]
    )
