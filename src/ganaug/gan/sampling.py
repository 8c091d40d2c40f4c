"""Samples images from a generator, given labels and one seed per image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from ganaug.core.forward import forward_chunks
from ganaug.core.progress import Progress
from ganaug.core.rows import Rows
from ganaug.core.seeding import derive
from ganaug.data.images import LabelledImages, to_float, to_uint8
from ganaug.data.source_images import SourceRule, choose_sources, source_weights
from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import AS_TRAINED, Generator, Rendering

G = TypeVar("G", bound=Generator)
CHUNK = 64
"""Images per forward pass. It is fixed because arithmetic libraries round differently for other batch sizes, so the
batch size would change the data. The last chunk is padded to it."""


def image_seeds(seed: int, count: int) -> np.ndarray:
    """Return (count,) int64, the seed of each image. A larger `count` does not change the first seeds."""
    return np.array([derive(seed, f"image/{index}") for index in range(count)], dtype=np.int64)


def latents(seeds: Sequence[int] | np.ndarray, z_dim: int) -> Tensor:
    """Return z (N, z_dim) ~ N(0, 1), each row from its seed alone. Drawn on the CPU, so equal on all devices."""
    generator = torch.Generator()
    return torch.stack([torch.randn(z_dim, generator=generator.manual_seed(int(seed))) for seed in seeds])


class RealImages(NamedTuple):
    """The real images that a GAN learns from: of the domain to classify and, optionally, of another domain."""

    train: LabelledImages
    other_domain: LabelledImages | None = None

    def examined_sources(self, generator: Generator, labels: np.ndarray) -> LabelledImages | None:
        """Return the images, always the same, that `generator` translates into `labels` (N,) in examinations.

        They are of the other domain if it has sources for every label; otherwise they are of other classes, if there
        are any. Returns None if the generator starts from noise.
        """
        if not generator.translates:
            return None
        images = self.train
        rule: SourceRule = "other" if len(np.unique(self.train.labels)) > 1 else "same"
        if self.other_domain is not None:
            others = self.other_domain.labels
            if all(source_weights("other_domain", others, label).any() for label in np.unique(labels).tolist()):
                images, rule = self.other_domain, "other_domain"
        return images.subset(choose_sources(rule, images, labels, 0))


def ready(generator: G, device: str | torch.device = "cpu", rendering: Rendering = AS_TRAINED) -> G:
    """Return a copy of `generator` on `device`, in evaluation mode, that renders images as in `rendering`.

    Raises InputError for a rendering that it was not trained for.
    """
    copy = deepcopy(generator).eval().to(device).to(memory_format=torch.channels_last)  # up to twice as fast
    copy.render_as(rendering)
    return copy


def sample(
    generator: Generator,
    labels: np.ndarray,
    seeds: np.ndarray,
    device: str | torch.device = "cpu",
    rendering: Rendering = AS_TRAINED,
    sources: Rows | None = None,
    attributes: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """Yield chunks of uint8 images (up to CHUNK, C, H, W); image i has label i and seed i.

    An image does not depend on how many follow it. sources: uint8 (N, C, H, W), the images to translate.
    attributes: (N, D) float32, which describe the images to make; None: all 0.

    Raises InputError for a rendering that `generator` was not trained for.
    """
    generator = ready(generator, device, rendering)

    def images(seeds: Tensor, labels: Tensor, attributes: Tensor, *sources: Tensor) -> Tensor:
        z = latents(seeds.tolist(), generator.z_dim).to(device)
        condition = conditions(labels, generator.classes, attributes=attributes)
        return to_uint8(generator(z, condition, *map(to_float, sources)))

    described = np.zeros((len(labels), 0), dtype=np.float32) if attributes is None else attributes
    inputs = [np.asarray(seeds), np.asarray(labels), described, *([] if sources is None else [sources])]
    for chunk in forward_chunks(images, *inputs, size=CHUNK, device=device, fill=True):
        yield chunk.numpy()


def collect(title: str, chunks: Iterable[np.ndarray], count: int) -> np.ndarray:
    """Return the `count` images of `chunks`, as `sample` yields them, (N, C, H, W); show progress under `title`."""
    progress, parts = Progress(title, count), []
    for chunk in chunks:
        parts.append(chunk)
        progress.step(progress.done + len(chunk))
    progress.close()
    return np.concatenate(parts)
