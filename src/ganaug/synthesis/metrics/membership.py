"""A membership inference attack by distance (Chen et al., GAN-Leaks, 2020, in its full black-box setting)."""

from math import nan
from typing import ClassVar, Literal

import numpy as np

from ganaug.core.config import settings
from ganaug.core.neighbours import nearest
from ganaug.synthesis.metrics import Compared, Metric


@settings
class Membership(Metric):
    """How well the synthetic images reveal which real images were used for training: 0.5 is chance, 1 is certainty.

    The area under the ROC curve, in [0, 1], of an attack that takes a real image for a training image if it is close to
    a synthetic image of its class. This is one simple attack, and an average: 0.5 is no proof of privacy. In the
    features of a classifier that was trained on the same images, even a perfect generator scores above 0.5; compare
    with the value for new real images. Images of classes without synthetic images are ignored; NaN if no training or no
    held-out images remain.
    """

    better: ClassVar[Literal["high", "low", "none"]] = "none"
    ideal: ClassVar[float | None] = 0.5
    sees: ClassVar[Literal["features", "pixels"]] = "pixels"

    def __call__(self, compared: Compared) -> float:
        from sklearn.metrics import roc_auc_score

        distances: tuple[list[np.ndarray], ...] = [np.zeros(0)], [np.zeros(0)]
        for label in np.unique(compared.synthetic_labels).tolist():
            of_class = compared.of_class(label)
            for collected, real in zip(distances, (of_class.train, of_class.held_out), strict=True):
                collected.append(nearest(real, of_class.synthetic)[0])
        train, held_out = map(np.concatenate, distances)
        if len(train) == 0 or len(held_out) == 0:
            return nan
        is_train = np.repeat([1, 0], [len(train), len(held_out)])
        return float(roc_auc_score(is_train, -np.concatenate([train, held_out])))
