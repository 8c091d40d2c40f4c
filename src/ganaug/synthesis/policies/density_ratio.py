"""A draw in proportion to how much likelier an image is among real ones than among synthetic ones."""

from typing import ClassVar

import numpy as np

from ganaug.core.config import settings
from ganaug.synthesis.policies import Policy, Scores, in_proportion


@settings
class DensityRatio(Policy):
    """Sampling importance resampling: with a pool large enough, what is drawn is spread as the real images are.

    Ding et al. (Subsampling generative adversarial networks by density ratio estimation, 2020); without replacement,
    as a classifier gains nothing from the same image twice. It mends proportions, such as those of common and rare
    kinds of a class, and cannot bring what the generator never makes.
    """

    needs_pool: ClassVar[bool] = True

    def preference(self, scores: Scores, randomness: np.random.Generator) -> np.ndarray:
        return in_proportion(scores.density_ratio, randomness)
