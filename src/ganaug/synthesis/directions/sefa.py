"""SeFa directions (Shen and Zhou, Closed-Form Factorization of Latent Semantics in GANs, 2021)."""

import numpy as np
from pydantic import NonNegativeInt

from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.synthesis.directions import Direction, Space


@settings
class Sefa(Direction):
    """Directions that change the features of all layers most, found without labels."""

    number: NonNegativeInt = 0
    """0: the direction of greatest change; the others follow in order, each orthogonal to all before it."""

    def check(self, space: Space) -> None:
        size = space.w.shape[1]
        if self.number >= size:
            raise InputError(f"sefa: this GAN has directions 0 to {size - 1} (given: {self.number})")

    def find(self, space: Space) -> np.ndarray:
        weights = space.generator.style_weights().detach().double().cpu().numpy()
        return principal(weights)[self.number]


def principal(weights: np.ndarray) -> np.ndarray:
    """Return the eigenvectors of AᵀA as rows (W, W), by decreasing eigenvalue.

    A is `weights` (R, W) with rows of length 1, as in the authors' code, so that the scale of a layer does not matter.
    Each eigenvector's component of largest magnitude is positive.
    """
    rows = weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)
    vectors = np.linalg.eigh(rows.T @ rows).eigenvectors.T[::-1]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(1)[:, None], axis=1)
    return vectors * np.sign(largest)
