"""Saves trained GANs to disk, and loads them."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from ganaug.core.weights import ModelSpec, load_weights, readable, save_weights
from ganaug.gan.networks import Generator, Shape
from ganaug.gan.other_domain import TargetDomain


def save_generator(folder: Path, generator: Generator, spec: ModelSpec) -> None:
    """Write generator.safetensors and generator.json, for `load_generator`."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / "generator.safetensors", generator)
    spec.save(folder / "generator.json")


def save_discriminator(folder: Path, discriminator: nn.Module) -> None:
    """Write discriminator.safetensors beside the files of `save_generator`, for `load_discriminator`."""
    save_weights(folder / "discriminator.safetensors", discriminator)


def load_generator(folder: Path) -> tuple[Generator, tuple[str, ...]]:
    """Return the generator that `save_generator` wrote, in evaluation mode, and its classes.

    Raises InputError if `folder` does not contain a GAN.
    """
    with readable(folder, "GAN", "dvc repro train_gan"):
        spec = ModelSpec.load(folder / "generator.json", "gan.networks")
        generator: Generator = spec.plugin.generator(Shape(*spec.image_shape), spec.condition_size)
        load_weights(folder / "generator.safetensors", generator)
    generator.eval()
    return generator, spec.classes


def generator_spec(folder: Path) -> ModelSpec:
    """Return the network, image shape and classes of the GAN in `folder`. Raises InputError like `load_generator`."""
    with readable(folder, "GAN", "dvc repro train_gan"):
        return ModelSpec.load(folder / "generator.json", "gan.networks")


def load_discriminator(folder: Path) -> tuple[nn.Module, tuple[str, ...]]:
    """Return the discriminator that was trained with the generator in `folder`, in evaluation mode, and its classes.

    Raises InputError if `folder` does not contain a GAN.
    """
    with readable(folder, "GAN", "dvc repro train_gan"):
        spec = ModelSpec.load(folder / "generator.json", "gan.networks")
        discriminator: nn.Module = spec.plugin.discriminator(Shape(*spec.image_shape), spec.condition_size)
        load_weights(folder / "discriminator.safetensors", discriminator)
    if spec.condition_size > len(spec.classes):
        discriminator = TargetDomain(discriminator, len(spec.classes), spec.condition_size)
    return discriminator.eval(), spec.classes
