"""Edits the images of a trained GAN along directions in its style space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import cast

import numpy as np
from torch import Tensor

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.device import device
from ganaug.core.errors import InputError
from ganaug.core.pictures import grid
from ganaug.core.plugins import available, find
from ganaug.core.progress import Progress
from ganaug.gan.networks import AS_TRAINED, Generator, Network, Rendering, Shape, StyleGenerator
from ganaug.gan.sampling import image_seeds, ready
from ganaug.gan.store import load_generator
from ganaug.synthesis.directions import Direction, Space, images, styles
from ganaug.synthesis.folder_names import folder_name
from ganaug.synthesis.plugin_option import plugin_option
from ganaug.synthesis.use import chosen_labels, chosen_seeds, refuse_existing, write_images

SHOWN = 5
"""Number of SeFa directions to show if no direction is given."""
LEARNED_FROM = 2000
"""Number of images to learn a direction from, and of styles whose spread along it is the unit of strength."""


@dataclass(frozen=True)
class Edit:
    """Which images to edit, along which direction and how far.

    along: KIND or KIND:VALUE, such as "sefa:0"; None: the first SeFa directions. strengths: in standard deviations of w
    along the direction. classes: names; None: all. count: images per class. seed: for the noise, as in `sample`.
    """

    along: str | None
    strengths: Sequence[float]
    classes: Sequence[str] | None
    count: int
    seed: int
    rendering: Rendering = AS_TRAINED


def edit_images(gan: Path, ensemble: Callable[[], Ensemble], output: Path, edit: Edit) -> int:
    """Move images of the generator in the folder `gan` along a direction; return how many images were made.

    output: a new folder, which gets contact.png, with a row per image and a column per strength, and
    <class>/<number>_<strength>.png. Strength 0 is the image that `sample_images` makes from the same seed. Without a
    direction, `output` only gets a contact sheet for each of the first SeFa directions. ensemble: loads the ensemble,
    for directions that use its predictions.

    Raises InputError if the generator has no styles, for an unknown direction or class, or if `output` exists.
    """
    if not edit.strengths or not all(map(isfinite, edit.strengths)):
        raise InputError(f"strengths: give one finite number or more (given: {list(edit.strengths)})")
    generator, classes = load_generator(gan)
    if not isinstance(generator, StyleGenerator):
        raise InputError(f"{gan}: this network has no styles to edit; use one that has: {', '.join(_with_styles())}")
    labels = chosen_labels(edit.classes, classes, edit.count)
    refuse_existing(output)
    shown = ready(generator, device(), edit.rendering)
    space = _space(ready(generator, device()), classes, cache(ensemble))
    names = [edit.along] if edit.along else [f"sefa:{number}" for number in range(min(SHOWN, space.w.shape[1]))]
    directions = [direction(name) for name in names]
    for each in directions:
        each.check(space)
    units = [each.find(space) for each in directions]
    w = styles(shown, labels, chosen_seeds(labels, len(classes), edit.count, edit.seed))
    progress = Progress("edit", len(names) * len(edit.strengths))
    output.mkdir(parents=True)
    for name, unit in zip(names, units, strict=True):
        edited = _moved(shown, w, unit * (space.w @ unit).std(), edit.strengths, progress)
        sheet = grid(edited, len(edit.strengths))
        sheet.save(output / ("contact.png" if edit.along else f"{name.replace(':', '_')}.png"))
        if edit.along:
            _write(output, edit, labels, classes, edited)
    progress.close()
    return len(names) * len(labels) * len(edit.strengths)


def _moved(
    generator: StyleGenerator, w: Tensor, step: np.ndarray, strengths: Sequence[float], progress: Progress
) -> np.ndarray:
    """Return the images of styles w (N, W) moved by S strengths times `step` (W,): (N · S, C, H, W), image by image."""
    columns = []
    for strength in strengths:
        columns.append(images(generator, w + w.new_tensor(strength * step)))
        progress.step(progress.done + 1)
    return np.stack(columns, axis=1).reshape(-1, *columns[0].shape[1:])


def direction(along: str) -> Direction:
    """Return the direction KIND or KIND:VALUE. Raises InputError if it is unknown."""
    return plugin_option("synthesis.directions", "--along", along)


def _with_styles() -> list[str]:
    """Return the names of the networks whose generators have styles."""

    def generator(name: str) -> Generator:
        return cast(type[Network], find("gan.networks", name)).small().generator(Shape(1, 8, 8), 2)

    return [name for name in available("gan.networks") if isinstance(generator(name), StyleGenerator)]


def _space(generator: StyleGenerator, classes: tuple[str, ...], ensemble: Callable[[], Ensemble]) -> Space:
    labels = np.arange(LEARNED_FROM) % len(classes)
    w = styles(generator, labels, image_seeds(0, LEARNED_FROM))
    return Space(
        generator,
        classes,
        w.double().numpy(),
        labels,
        lambda: images(generator, w, "edit: images to learn from"),
        ensemble,
    )


def _write(output: Path, edit: Edit, labels: np.ndarray, classes: Sequence[str], edited: np.ndarray) -> None:
    names = [
        f"{folder_name(classes[label])}/{index % edit.count:06}_{strength:+g}"
        for index, label in enumerate(labels.tolist())
        for strength in edit.strengths
    ]
    write_images(output, names, edited.transpose(0, 2, 3, 1))
