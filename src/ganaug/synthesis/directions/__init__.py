"""PLUG-IN: directions in a generator's style space to edit images along, one kind per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from torch import Tensor

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.config import settings
from ganaug.core.forward import forward, forward_chunks
from ganaug.core.progress import Progress
from ganaug.data.images import to_uint8
from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import StyleGenerator
from ganaug.gan.sampling import CHUNK, latents

EXTREMES = 0.2
"""Share of the images with the least of an attribute, and of those with the most, that a linear model separates."""


class Space(NamedTuple):
    """A generator's style space: sampled styles with their images, and the ensemble that classifies these."""

    generator: StyleGenerator
    classes: tuple[str, ...]
    w: np.ndarray
    """(N, W) float64: styles of images, cycling through all classes."""
    labels: np.ndarray
    """(N,) int64: the classes of these images."""
    images: Callable[[], np.ndarray]
    """Returns the images (N, C, H, W) uint8 of these styles."""
    ensemble: Callable[[], Ensemble]
    """Returns the ensemble. Raises InputError if there is none."""


@settings
class Direction(ABC):
    """Finds a direction of unit length in style space, along which a generator's images change.

    `ganaug edit --along KIND:VALUE` sets the only field, if there is one, to VALUE.
    """

    @classmethod
    def small(cls, classes: tuple[str, ...]) -> Self:
        """Return the simplest version, for tests with a GAN of these `classes`."""
        return cls()

    def check(self, space: Space) -> None:
        """Raise InputError if `find` would, before anything slow starts."""
        return

    @abstractmethod
    def find(self, space: Space) -> np.ndarray:
        """Return the direction (W,) float64, of length 1, the same each time."""


def styles(generator: StyleGenerator, labels: np.ndarray, seeds: np.ndarray) -> Tensor:
    """Return the styles w (N, W), on the CPU, of the images that `sample` makes from labels and seeds (N,)."""
    device = next(generator.parameters()).device

    def style(seeds: Tensor, labels: Tensor) -> Tensor:
        z = latents(seeds.tolist(), generator.z_dim).to(device)
        return generator.style(z, conditions(labels, generator.classes))

    return forward(style, seeds, labels, size=CHUNK, device=device, fill=True)


def images(generator: StyleGenerator, w: Tensor, title: str | None = None) -> np.ndarray:
    """Return the images, uint8 (N, C, H, W), of styles w (N, W); show progress under `title` if there is one."""
    device = next(generator.parameters()).device
    progress, made = Progress(title, len(w)) if title else None, []
    for chunk in forward_chunks(lambda w: to_uint8(generator.from_style(w)), w, size=CHUNK, device=device, fill=True):
        made.append(chunk.numpy())
        if progress is not None:
            progress.step(min(len(made) * CHUNK, len(w)))
    if progress is not None:
        progress.close()
    return np.concatenate(made)


def within_classes(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Subtract each class's mean from `values` (N, …). labels: (N,)."""
    centred = values.astype(np.float64)
    for label in np.unique(labels):
        centred[labels == label] -= centred[labels == label].mean(0)
    return centred


def towards(w: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Return the unit vector (W,) from the styles with the least to those with the most of an attribute.

    It is the normal of the plane between them (Shen et al., InterFaceGAN, 2020, section 2), found by logistic
    regression, which has a solution even if they cannot be separated. w: (N, W), amounts: (N,).
    """
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    order = np.argsort(amounts, kind="stable")
    count = max(1, round(EXTREMES * len(order)))
    chosen = np.concatenate([order[:count], order[-count:]])
    scale = w.std() or 1.0  # the same for all components, which keeps the normal a normal
    model = LogisticRegression(max_iter=1000).fit(w[chosen] / scale, np.repeat([0, 1], count))
    normal: np.ndarray = model.coef_[0]
    return normal / np.linalg.norm(normal)
