"""Directions of an ensemble's confidence (Shen et al., InterFaceGAN, 2020, with a class as the attribute)."""

from typing import Self

import numpy as np

from ganaug.core.config import settings
from ganaug.core.errors import InputError, unknown
from ganaug.synthesis.directions import Direction, Space, towards


@settings
class Confidence(Direction):
    """From the images with the least ensemble confidence in a class to those with the most, over all classes."""

    of: str
    """The class."""

    @classmethod
    def small(cls, classes: tuple[str, ...]) -> Self:
        return cls(of=classes[-1])

    def check(self, space: Space) -> None:
        if self.of not in space.classes:
            raise InputError(unknown("class", self.of, space.classes))
        if space.ensemble().classes != space.classes:
            raise InputError("confidence: this GAN and the ensemble were trained on different classes; retrain both")

    def find(self, space: Space) -> np.ndarray:
        probabilities = space.ensemble().probabilities(space.images()).mean(0)
        return towards(space.w, probabilities[:, space.classes.index(self.of)])
