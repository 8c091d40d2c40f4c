"""Resampling by density ratio."""

from typing import ClassVar

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import CandidateScores, Policy, weighted_draw


@settings
class DensityRatio(Policy):
    """Draws images by the ratio of real to synthetic density, so that the kept images are distributed like real ones.

    Sampling-importance resampling, as in Ding et al. (Subsampling generative adversarial networks by density ratio
    estimation, 2020), but without replacement, because a classifier gains nothing from seeing an image twice. It needs
    many candidates. It corrects proportions, such as those of common and rare kinds within a class, but cannot add what
    the generator never produces.
    """

    only_ranks: ClassVar[bool] = True

    def preference(self, scores: CandidateScores, randomness: np.random.Generator) -> np.ndarray:
        return weighted_draw(scores.density_ratio, randomness)
