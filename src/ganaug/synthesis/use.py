"""Uses a trained GAN outside the pipeline, to generate images or translate new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from ganaug.core.device import device
from ganaug.core.errors import InputError, unknown
from ganaug.core.pictures import picture
from ganaug.core.plugins import build
from ganaug.core.text import printable
from ganaug.core.weights import readable
from ganaug.data.describers import Describer
from ganaug.data.file_tree import choose_files
from ganaug.data.image_files import SUFFIXES, EncodedImage
from ganaug.data.preparation import as_levels
from ganaug.data.settings import Prepare
from ganaug.data.uniform import read_uniform
from ganaug.data.values import Range
from ganaug.gan.networks import AS_TRAINED, Rendering
from ganaug.gan.sampling import collect, image_seeds, sample
from ganaug.gan.store import generator_spec, load_generator
from ganaug.synthesis.folder_names import folder_name


class Reading(NamedTuple):
    """How a GAN's training images were read.

    limits: the values mapped to black and white. value_type: type of the values, such as "uint16".
    """

    prepare: Prepare
    limits: Range
    value_type: str


class Files(NamedTuple):
    """Image files below a folder or in an archive. names: the path of each image there."""

    names: Sequence[str]
    images: Sequence[EncodedImage]


def sample_images(
    gan: Path,
    output: Path,
    classes: Sequence[str] | None,
    count: int,
    seed: int,
    rendering: Rendering = AS_TRAINED,
    description: str | None = None,
) -> int:
    """Make `count` images of each class with the generator in the folder `gan`, and return how many were made.

    output: a new .npz file with images (N, H, W, C) uint8, labels (N,), classes and seeds (N,); or a new folder, which
    gets a folder of PNG files per class. classes: names; None: all classes. The same seed gives the same images,
    whichever other classes are requested. description: a text that says what the images should show.

    Raises InputError if the generator translates images, for an unknown class, for a rendering that it was not trained
    for, if it needs a description and there is none or takes none and there is one, or if `output` exists.
    """
    generator, known = load_generator(gan)
    attributes = _attributes(gan, description)
    if generator.translates:
        raise InputError(f"{gan}: this network translates images; use: ganaug translate IMAGES OUTPUT --to CLASS")
    labels = chosen_labels(classes, known, count)
    seeds = chosen_seeds(labels, len(known), count, seed)
    refuse_existing(output)
    described = None if attributes is None else attributes.repeat(len(labels), axis=0)
    chunks = sample(generator, labels, seeds, device(), rendering, attributes=described)
    made = collect("sample", chunks, len(labels))
    images = made.transpose(0, 2, 3, 1)
    if output.suffix == ".npz":
        np.savez(output, images=images, labels=labels, classes=np.array(known), seeds=seeds)
    else:
        numbers = np.tile(np.arange(count), len(labels) // count)
        names = [f"{folder_name(known[label])}/{number:06}" for label, number in zip(labels, numbers, strict=True)]
        write_images(output, names, images)
    return len(images)


def _attributes(gan: Path, description: str | None) -> np.ndarray | None:
    """Return the attributes (1, D) of a description, or None if the GAN in `gan` was trained without descriptions."""
    spec = generator_spec(gan)
    names = spec.attributes
    if not names:
        if description is not None:
            raise InputError(f"{gan}: this GAN was trained without descriptions; leave out --describe")
        return None
    listed = ", ".join(map(printable, names[:20])) + (", …" if len(names) > 20 else "")
    if description is None:
        raise InputError(f"{gan}: this GAN was trained with descriptions; add --describe, with some of: {listed}")
    if spec.describer is None:
        raise InputError(f"{gan}: generator.json has no describer (earlier versions wrote none); train this GAN again")
    with readable(gan, "GAN", "dvc repro train_gan"):
        describer: Describer = build("data.describers", spec.describer)
    stray = describer.unknown(description, names)
    if stray:
        raise InputError(f"--describe: this GAN does not know {', '.join(stray)}; it knows: {listed}")
    return describer.vectors([description], names)


def translate_images(gan: Path, files: Path, output: Path, to: str, reading: Reading, seed: int) -> int:
    """Translate all image files below `files`, a folder or an archive; return how many were translated.

    to: a class, or a class of the other domain that the GAN was trained on, such as "other domain".

    output: a new .npz file with images (N, H, W, C) uint8 and names (N,), or a new folder, which gets a PNG file for
    each image, at the same relative path.

    Raises InputError if the generator does not translate, for an unknown class, if there are no images, if an image
    cannot be read or has values of another type than the training images, or if `output` exists.
    """
    generator, spec = load_generator(gan)[0], generator_spec(gan)
    if not generator.translates:
        raise InputError(f"{gan}: this network makes images from noise; stargan, cyclegan and discogan translate")
    label = _label(to, (*spec.classes, *spec.further))
    parts, images, _ = choose_files(files, SUFFIXES, "images", named="the path")
    if not images:
        raise InputError(f"{files}: no image files; give a folder or an archive with images")
    refuse_existing(output)
    names = ["/".join(path) for path in parts]
    channels, height, width = spec.image_shape
    settings = replace(reading.prepare, size=(height, width), channels=channels)  # type: ignore[arg-type]  # 1 to 4
    with TemporaryDirectory() as folder:
        uniform = read_uniform(Files(names, images), settings, Path(folder) / "read.npy")
        if uniform.kind != reading.value_type:
            raise InputError(
                f"{files}: values are {uniform.kind}, but the training images had {reading.value_type}; convert them"
            )
        sources = np.array(as_levels(uniform.images, reading.limits, settings, Path(folder)))
    labels = np.full(len(names), label)
    seeds = image_seeds(seed, len(names))
    made = collect("translate", sample(generator, labels, seeds, device(), sources=sources), len(labels))
    translated = made.transpose(0, 2, 3, 1)
    if output.suffix == ".npz":
        np.savez(output, images=translated, names=np.array(names))
    else:
        write_images(output, [str(PurePosixPath(name).with_suffix("")) for name in names], translated)
    return len(names)


def chosen_labels(classes: Sequence[str] | None, known: Sequence[str], count: int) -> np.ndarray:
    """Return the labels (N,) int64 of `count` images of each class in `classes`, by name; None: all `known` classes.

    Raises InputError for an unknown class, or a count below 1.
    """
    if count < 1:
        raise InputError(f"count: must be 1 or more (given: {count})")
    return np.array([_label(name, known) for name in classes or known], dtype=np.int64).repeat(count)


def chosen_seeds(labels: np.ndarray, known: int, count: int, seed: int) -> np.ndarray:
    """Return the seeds (N,) int64 of the images of `chosen_labels`, which do not depend on the other classes.

    known: the number of classes of the GAN.
    """
    per_class = image_seeds(seed, count * known).reshape(known, count)
    return np.concatenate([per_class[label] for label in labels[::count].tolist()])


def _label(name: str, classes: Sequence[str]) -> int:
    if name not in classes:
        raise InputError(unknown("class", name, classes))
    return classes.index(name)


def refuse_existing(output: Path) -> None:
    """Raise InputError if `output` exists."""
    if output.exists():
        raise InputError(f"{output}: already exists; give a new file or folder")


def write_images(folder: Path, names: Sequence[str], images: np.ndarray) -> None:
    """Write each of `images` (N, H, W, C) to `folder/<name>.png`; repeated names get a number."""
    for name, image in zip(names, images, strict=True):
        path = folder / f"{name}.png"
        number = 1
        while path.exists():
            number += 1
            path = folder / f"{name}-{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(image).save(path)
