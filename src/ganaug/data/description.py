"""Describes the prepared data, for card.json and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image

from ganaug.core.messages import NOTE
from ganaug.core.paths import HERE
from ganaug.core.pictures import side_by_side
from ganaug.core.text import joined, printable
from ganaug.data.images import UNLABELLED, LabelledImages
from ganaug.data.preparation import Splits
from ganaug.data.settings import Prepare
from ganaug.data.training_draws import Draw

PARTS = {"pool": "training", "val": "validation", "test": "test"}
"""Key in the card → its title."""

MOST_CLASSES = 30
"""Number of classes that are listed one by one."""

MOST_SIZES = 10
"""Number of sizes of images before resizing that the card lists."""

MOST_PAIRS = 24
"""Number of pairs of near-duplicates in different splits that the card names and the picture shows."""

VERY_DIFFERENT = 1.2
"""Ratio of two aspect ratios above which stretching an image is reported."""


def data_card(settings: Prepare, splits: Splits, draws: Mapping[int, Draw]) -> dict[str, Any]:
    """Return the description of the data for card.json: source, images per split and class, duplicates, conversion."""
    labelled = splits.pool.subset(np.flatnonzero(splits.pool.labels != UNLABELLED))
    parts = {"pool": labelled, "val": splits.val, "test": splits.test}
    return {
        "source": splits.test.source,
        "classes": list(splits.test.classes),
        "image_shape": list(splits.test.shape),
        **{name: images.counts for name, images in parts.items()},
        "groups": {name: images.number_of_groups for name, images in parts.items()},
        "groups_per_class": {name: _groups_per_class(images) for name, images in parts.items()},
        "train": {str(replicate): splits.pool.subset(draw.train).counts for replicate, draw in draws.items()},
        "unlabelled": {str(replicate): len(draw.unlabelled) for replicate, draw in draws.items()},
        "without_labels": len(splits.pool) - len(labelled),
        "attributes": list(splits.pool.attribute_names),
        "other_domain": {"images": len(splits.other_domain), "labelled": splits.other_domain.counts},
        **splits.notes,
        "nearest_pairs": [[splits.raw.names[number] for number in pair] for pair in splits.pairs.numbers[:MOST_PAIRS]],
        "read": _reading(settings, splits),
    }


def _reading(settings: Prepare, splits: Splits) -> dict[str, Any]:
    """Return the facts of reading and converting the images."""
    uniform, source_splits = splits.uniform, splits.raw.splits
    height, width = splits.test.shape[1:]
    stretched = sum(
        count for size, count in uniform.sizes.items() if _ratio(size[0] * width, size[1] * height) > VERY_DIFFERENT
    )
    return {
        "sizes": {f"{size[0]}×{size[1]}": count for size, count in uniform.sizes.most_common(MOST_SIZES)},
        "number_of_sizes": len(uniform.sizes),
        "stretched": stretched if settings.fit == "resize" else 0,
        "value_type": uniform.kind,
        "values_found": list(uniform.found),
        "black_and_white": list(splits.black_and_white),
        "animated": uniform.animated,
        "files_left_out": dict(splits.raw.left_out),
        "own_splits_ignored": [
            f"prepare.{name}"
            for name in ("val", "test")
            if getattr(settings, name) is not None and source_splits is not None and (source_splits == name).any()
        ],
    }


def _ratio(first: float, second: float) -> float:
    return max(first / second, second / first)


def pairs_picture(splits: Splits) -> Image.Image | None:
    """Return a picture of near-duplicates in different splits, each pair side by side; None if there are none."""
    if not len(splits.pairs):
        return None
    left, right = splits.pairs.numbers[:MOST_PAIRS].T
    return side_by_side(splits.whole.images[left], splits.whole.images[right])


def _groups_per_class(images: LabelledImages) -> dict[str, int]:
    groups = images.group_ids
    return {name: len(np.unique(groups[images.labels == label])) for label, name in enumerate(images.classes)}


def in_words(card: Mapping[str, Any]) -> Iterator[str]:
    """Yield lines that describe a data card: images and groups per class and split, then notes on possible problems."""
    yield from _table(card)
    yield from (NOTE + note for note in _notes(card))


def _table(card: Mapping[str, Any]) -> Iterator[str]:
    grouped = any(sum(card[part].values()) != card["groups"][part] for part in PARTS)

    def cell(part: str, name: str | None) -> str:
        images = sum(card[part].values()) if name is None else card[part][name]
        groups = card["groups"][part] if name is None else card["groups_per_class"][part][name]
        return f"{images} in {groups} groups" if grouped else str(images)

    rows = [["class", *PARTS.values()]]
    rows += [[printable(name), *(cell(part, name) for part in PARTS)] for name in card["classes"][:MOST_CLASSES]]
    more = len(card["classes"]) - MOST_CLASSES
    rows += [[f"… {more} more classes", *("" for _ in PARTS)]] if more > 0 else []
    rows += [["all", *(cell(part, None) for part in PARTS)]]
    rows += [["without labels", str(card["without_labels"]), "", ""]] if card["without_labels"] else []
    other = card["other_domain"]["images"]
    rows += [["other domain", str(other), "", ""]] if other else []
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        yield "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip()


def _notes(card: Mapping[str, Any]) -> Iterator[str]:
    read = card["read"]
    if read["files_left_out"]:
        yield "left out: " + ", ".join(f"{count} {why}" for why, count in sorted(read["files_left_out"].items()))
    if read["animated"]:
        yield f"{read['animated']} files have several frames or pages; the first of each was read"
    if read["stretched"]:
        size = "×".join(map(str, card["image_shape"][1:]))
        yield f"{read['stretched']} images are stretched to {size}; prepare.fit: crop or pad keeps their proportions"
    if read["value_type"] != "uint8":
        low, high = read["black_and_white"]
        yield f"values are {read['value_type']}; {low:g} became black and {high:g} white"
    low, high = read["values_found"]
    if read["value_type"] == "uint8" and high - low < 64:
        yield f"values span only {low:g} to {high:g}; prepare.values: [{low:g}, {high:g}] would use all grey levels"
    if card["duplicates"]:
        yield f"{card['duplicates']} images are copies of others; copies stay in one split"
    if card["duplicates_with_other_label"]:
        yield f"{card['duplicates_with_other_label']} images have copies with another label; check their labels"
    if card["near_duplicates"]:
        pairs = "1 pair of nearly identical images is"
        if card["near_duplicates"] > 1:
            pairs = f"{card['near_duplicates']} pairs of nearly identical images are"
        yield (
            f"{pairs} in different splits, such as "
            f"{' and '.join(map(printable, card['nearest_pairs'][0]))}; the test then rewards memorisation; to keep "
            f"such pairs together, set prepare.near_duplicates to group; the stage prepare shows them in "
            f"{HERE.near_duplicates}"
        )
    if card["left_out"]:
        yield f"{card['left_out']} images are left out, because an image of their group or a copy of them is held out"
    other = card["other_domain"]
    if other["images"]:
        labelled = sum(other["labelled"].values())
        count = "all" if labelled == other["images"] else labelled or "none"
        yield f"{count} of the {other['images']} images of another domain have a label"
    if card["attributes"]:
        names = ", ".join(map(printable, card["attributes"][:10]))
        more = f" and {len(card['attributes']) - 10} more" if len(card["attributes"]) > 10 else ""
        yield f"images are described by {len(card['attributes'])} attributes: {names}{more}"
    if card["unknown_groups"]:
        yield f"{card['unknown_groups']} images have no group, so each counts as a group of its own"
    for part in ("val", "test"):
        single = [name for name, count in card["groups_per_class"][part].items() if count == 1 < card[part][name]]
        if single:
            yield f"all {PARTS[part]} images of {', '.join(map(printable, single[:5]))} belong to one group"
    if read["own_splits_ignored"]:
        yield f"the source has its own splits; to use them, set {joined(read['own_splits_ignored'])} to null"
