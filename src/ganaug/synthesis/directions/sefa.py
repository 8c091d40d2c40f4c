"""SeFa: Shen and Zhou, Closed-Form Factorization of Latent Semantics in GANs, 2021."""

import numpy as np
from pydantic import NonNegativeInt

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.synthesis.directions import Direction, Space


@settings
class Sefa(Direction):
    """Directions that change the features of all layers most, without any labels."""

    number: NonNegativeInt = 0
    """0: the direction that changes most; others follow in order, each at right angles to all before it."""

    def check(self, space: Space) -> None:
        size = space.w.shape[1]
        if self.number >= size:
            raise InputError(f"sefa: this GAN has directions 0 to {size - 1} (given: {self.number})")

    def find(self, space: Space) -> np.ndarray:
        weights = space.generator.style_weights().detach().double().cpu().numpy()
        return principal(weights)[self.number]


def principal(weights: np.ndarray) -> np.ndarray:
    """Return the eigenvectors (W, W) of AᵀA, a row each, that of the largest eigenvalue first.

    A is `weights` (R, W) with rows of length 1, as in the authors' code, so that the scale of a layer does not matter.
    The component that is largest by size is positive.
    """
    rows = weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)
    vectors = np.linalg.eigh(rows.T @ rows).eigenvectors.T[::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(1)[:, None], axis=1)
    return vectors * np.sign(largest)
