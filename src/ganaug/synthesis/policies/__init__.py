"""PLUG-IN: one file a policy, which says which of a GAN's images to take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np

from ganaug.core.config import settings


class Scores(NamedTuple):
    """What is known of each candidate: arrays (N,), one place a candidate. How they come about: selection.py."""

    label: np.ndarray
    """int64: the class that it was made for."""
    predicted: np.ndarray
    """int64: the class that a classifier takes it for which has not seen the training image nearest to it."""
    confidence: np.ndarray
    """float64, in [0, 1]: that classifier's probability of `label`."""
    train_distance: np.ndarray
    """float64, from 0 on: distance to that training image; 1 is what the median validation image has."""
    near_copy: np.ndarray
    """bool: closer to a training image than 95 % of the validation images are."""
    synthetic_distance: np.ndarray
    """float64, from 0 on: distance to the nearest other candidate, in the same unit; NaN if there is no other."""
    realness: np.ndarray
    """float64: the discriminator's logit, given `label`; above 0 is real, unless only differences mean something."""
    density_ratio: np.ndarray
    """float64: logarithm of how much denser real images lie there than synthetic ones."""


@settings
class Policy(ABC):
    """Says which candidates are to be taken first. Copies are not its business: `drop_copies` is for them."""

    needs_pool: ClassVar[bool] = False
    """Whether it puts candidates in order and refuses none, so that it chooses nothing without more than are wanted."""

    @abstractmethod
    def preference(self, scores: Scores, randomness: np.random.Generator) -> np.ndarray:
        """Return (N,) float64, never NaN: the higher, the sooner a candidate is taken; −inf: never.

        Of equally preferred candidates the first ones are taken. What is drawn comes from `randomness`; a policy that
        draws nothing says of each candidate the same in whatever order they come.
        """


def in_proportion(logarithms: np.ndarray, randomness: np.random.Generator) -> np.ndarray:
    """Return a preference that draws without replacement, with probabilities in proportion to exp(logarithms), (N,).

    The largest of logarithms with Gumbel noise are such a draw (Kool et al., Stochastic beams and where to find them,
    2019, section 2.3). −inf is never drawn.
    """
    return logarithms + randomness.gumbel(size=len(logarithms))
