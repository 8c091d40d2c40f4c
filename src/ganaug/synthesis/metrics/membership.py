"""A membership inference attack by distance (Chen et al., GAN-Leaks, 2020, on a full black box)."""

from math import nan
from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.core.distances import nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Membership(Metric):
    """How well the distance to the nearest synthetic image of its class tells a training image from a held-out one.

    The area in [0, 1] under the ROC curve: 1/2 tells nothing, 1 gives every training image away. It is one simple
    attack, and an average: 1/2 is no proof of privacy. The features of a classifier know the images that it was trained
    on: there an honest generator is above 1/2 too, and what new real images have is the figure to compare with. Images
    of a class without synthetic ones are left out; NaN if no training or no held-out image is left.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "none"
    ideal: ClassVar[float | None] = 0.5
    sees: ClassVar[Literal["features", "pixels"]] = "pixels"

    def __call__(self, compared: Compared) -> float:
        from sklearn.metrics import roc_auc_score

        classes = [compared.of_class(label) for label in np.unique(compared.synthetic_labels).tolist()]
        members, others = (
            np.concatenate([np.zeros(0), *(nearest(getattr(one, side), one.synthetic)[0] for one in classes)])
            for side in ("train", "held_out")
        )
        if len(members) == 0 or len(others) == 0:
            return nan
        is_member = np.repeat([1, 0], [len(members), len(others)])
        return float(roc_auc_score(is_member, -np.concatenate([members, others])))
