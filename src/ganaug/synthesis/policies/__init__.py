"""PLUG-IN: policies that select which of a GAN's images to keep, one per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, Self

import numpy as np

from ganaug.core.config import settings


class CandidateScores(NamedTuple):
    """Scores that a policy can select by, computed in selection.py: arrays (N,), one value per candidate."""

    label: np.ndarray
    """int64: the class that the candidate was generated for."""
    predicted: np.ndarray
    """int64: the class predicted by a classifier that has not seen the nearest training image."""
    confidence: np.ndarray
    """float64, in [0, 1]: that classifier's probability of `label`."""
    train_distance: np.ndarray
    """float64, at least 0: distance to the nearest training image, relative to the median over validation images."""
    near_copy: np.ndarray
    """bool: closer to a training image than 95% of the validation images are."""
    synthetic_distance: np.ndarray
    """float64, at least 0: distance to the nearest other candidate, in the same unit; NaN if it is the only one."""
    realness: np.ndarray
    """float64: the discriminator's logit given `label`; if the objective is `absolute`, a logit above 0 means real."""
    density_ratio: np.ndarray
    """float64: log ratio of real to synthetic density at the candidate."""


@settings
class Policy(ABC):
    """Ranks candidates, and may reject some. Near-copies are handled by `drop_copies`, not by policies."""

    only_ranks: ClassVar[bool] = False
    """Whether the policy only ranks candidates and rejects none, and so needs more candidates than images to keep."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests."""
        return cls()

    @abstractmethod
    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        """Return (N,) float64, never NaN: candidates with higher values are kept first; −inf rejects a candidate.

        Ties go to the first candidates. Random numbers must come from `randomness`; if a policy draws none, a
        candidate's value must not depend on the order of candidates.
        """


def weighted_draw(log_weights: np.ndarray, randomness: np.random.Generator) -> np.ndarray:
    """Return preferences (N,) that draw without replacement, with probabilities proportional to exp(log_weights).

    Keeping the largest sums of log-weight and Gumbel noise is such a draw (Kool et al., Stochastic beams and where to
    find them, 2019, section 2.3). Candidates with log-weight −inf are never drawn.
    """
    return log_weights + randomness.gumbel(size=len(log_weights))
