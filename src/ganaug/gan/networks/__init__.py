"""PLUG-IN: pairs of generator and discriminator, one per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil, floor, log2
from typing import ClassVar, NamedTuple, Self

from torch import Tensor
from torch.nn import Module
from torch.nn.functional import avg_pool2d

from ganaug.core.errors import InputError
from ganaug.core.weight_files import Pretrainable
from ganaug.gan.objectives import Critique

MIN_SIDE = 8
"""Minimum height and width, in pixels, for convolutional networks."""


class Shape(NamedTuple):
    """Shape of an image."""

    channels: int
    height: int
    width: int


class Pyramid(NamedTuple):
    """How many times an image is halved to reach about 4×4, and the size at this base."""

    levels: int
    base_height: int
    base_width: int


def pyramid(shape: Shape) -> Pyramid:
    """Return the pyramid whose base has 4 to 7 pixels on the shorter side.

    Base sizes are rounded up; a generator crops its images to the required size at the end.

    Raises InputError for images with a side below 8 pixels.
    """
    if min(shape.height, shape.width) < MIN_SIDE:
        raise InputError(
            f"images of {shape.height}×{shape.width} pixels are too small for this network; set prepare.size to "
            f"{MIN_SIDE} or more, or use the mlp network (train_gan.network)"
        )
    levels = floor(log2(min(shape.height, shape.width) / 4))
    return Pyramid(levels, ceil(shape.height / 2**levels), ceil(shape.width / 2**levels))


def translator_halvings(shape: Shape) -> int:
    """Return how often, once or twice, a translator with residual blocks halves images: to 8 pixels if possible.

    Raises InputError like `pyramid`.
    """
    pyramid(shape)
    return min(max(floor(log2(min(shape.height, shape.width) / 8)), 1), 2)


def halved(images: Tensor, times: int) -> Tensor:
    """Average images over squares of 2^times pixels; at the right and lower edge, over the pixels that remain."""
    return avg_pool2d(images, 2**times, ceil_mode=True) if times else images


class Source(NamedTuple):
    """The images that an image-to-image generator translates, and their own classes."""

    images: Tensor
    """(N, C, H, W) in [-1, 1]."""
    condition: Tensor
    """(N, classes): the condition for each image's own class."""


class Rendering(NamedTuple):
    """How a trained generator renders its images."""

    truncation: float = 1.0
    """How far samples may stray from the average: 1 as trained, less for more typical images, more for more varied
    images."""
    width: float = 1.0
    """Share of the channels to use: with fewer, images are faster to make but slightly worse. See
    `Generator.trained_widths`."""
    halvings: int = 0
    """How often height and width are halved, odd numbers rounded up. See `Generator.trained_halvings`."""


AS_TRAINED = Rendering()
"""Images as in training, at full cost."""


class Generator(Module):
    """z (N, z_dim), condition (N, classes) and, for image-to-image, source images → images (N, C, H, W).

    Images lie roughly in [-1, 1]; values outside are clipped later.
    """

    translates: ClassVar[bool] = False
    """Whether it translates source images; if not, it starts from noise alone. Sources are images that the GAN learns
    from: `real_batches` draws them for training, `RealImages.examined_sources` for examinations."""
    rendering: Rendering = AS_TRAINED
    """How it renders its images, once it is trained."""
    trained_widths: tuple[float, ...] = ()
    """The values of `Rendering.width` below 1 that it is trained for."""
    trained_halvings: int = 0
    """The highest value of `Rendering.halvings` that it is trained for."""

    def __init__(self, z_dim: int, classes: int) -> None:
        """z_dim: number of independent N(0, 1) inputs; may be 0 if the generator translates."""
        super().__init__()
        self.z_dim, self.classes = z_dim, classes

    def forward(self, z: Tensor, condition: Tensor, source: Tensor | None = None) -> Tensor:
        """Return images (N, C, H, W).

        source: (N, C, H, W) in [-1, 1], the images to translate; noise-to-image generators ignore it.
        """
        raise NotImplementedError

    @property
    def truncation(self) -> float:
        """`Rendering.truncation`, for `forward`."""
        return self.rendering.truncation

    def render_as(self, rendering: Rendering) -> None:
        """Render images as in `rendering` from now on. The weights must not change any more.

        Raises InputError if the generator was not trained for this rendering.
        """
        if rendering.width not in (1, *self.trained_widths):
            trained = ", ".join(f"{width:g}" for width in sorted({1.0, *self.trained_widths}))
            raise InputError(
                f"width: this GAN was trained for {trained} (given: {rendering.width:g}); stylegan2 can be trained for "
                f"other widths (train_gan.network.widths)"
            )
        if not 0 <= rendering.halvings <= self.trained_halvings:
            raise InputError(
                f"halvings: this GAN was trained for up to {self.trained_halvings} (given: {rendering.halvings}); "
                f"stylegan2 can be trained for more (train_gan.network.halvings)"
            )
        self.rendering = rendering

    def own_terms(self, z: Tensor, condition: Tensor, source: Source | None, images: Tensor) -> dict[str, Tensor]:
        """Return the loss terms that this generator adds to the objective's: named, weighted scalars; none by default.

        For losses that need no discriminator, such as cycle consistency or identity. images: `forward`'s result for
        the other arguments, attached to its graph.
        """
        return {}


class StyleGenerator(Generator):
    """A generator whose images are functions of a style w; moving w along a direction edits an image."""

    def style(self, z: Tensor, condition: Tensor) -> Tensor:
        """Return w (N, W) of the images that `forward` makes in evaluation mode, with their truncation."""
        raise NotImplementedError

    def from_style(self, style: Tensor) -> Tensor:
        """Return images (N, C, H, W) for w (N, W)."""
        raise NotImplementedError

    def style_weights(self) -> Tensor:
        """Return the weights (R, W) with which the layers read a style, one row for each feature that it scales."""
        raise NotImplementedError


class Network(Pretrainable, ABC):
    """Builds generator and discriminator for images of a given shape. Pretrained weights are for the discriminator.

    Layers that draw random numbers in training use `ganaug.gan.draws.per_image`; otherwise several devices would draw
    the same numbers.
    """

    z_dim: int
    """Number of independent N(0, 1) inputs of the generator; may be 0 if it translates."""
    generator_conditioning: str
    """How the generator receives the class; "none": it does not."""
    discriminator_conditioning: str
    """How the discriminator receives or predicts the class; "none": neither."""
    history: int = 0
    """Number of older fake images kept per class; half of the discriminator's fakes are taken from these; 0: none."""
    mismatched: float = 0.0
    """Share in the loss of mismatched pairs: real images with another image's condition, which count as fake."""
    takes_attributes: ClassVar[bool] = False
    """Whether attributes may follow the classes in the condition: any numbers, so that a row need not sum to 1."""
    normalises_batches: ClassVar[bool] = False
    """Whether the discriminator uses batch norm, which rules out per-image gradients."""
    compares_images: ClassVar[bool] = False
    """Whether the discriminator's output for an image depends on the rest of the batch, even outside training."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests: few channels, short latents."""
        return cls()

    @property
    def has_class_head(self) -> bool:
        """Whether the discriminator predicts classes, and its realness does not depend on the condition."""
        return self.discriminator_conditioning in ("auxiliary", "classifier")

    def views(self, images: Tensor) -> Tensor:
        """Return real images (N, C, H, W) in the form that the discriminator sees in training; by default, unchanged.

        The generator's images have the same form in training, and are (N, C, H, W) in evaluation mode, where the
        discriminator takes both forms.
        """
        return images

    def conditional(self, critique: Critique) -> Critique:
        """Return the part of a critique that depends on the condition; by default, all of it."""
        return critique

    @abstractmethod
    def generator(self, shape: Shape, classes: int) -> Generator:
        """Return the generator for images of `shape`."""

    @abstractmethod
    def discriminator(self, shape: Shape, classes: int) -> Module:
        """Return the discriminator: images (N, C, H, W), condition (N, classes) → Critique."""
