"""Reversal: a model trained on pairs of stand-ins and sources predicts the sources of other stand-ins.

A measure of privacy needs an attacker that is trained on the protected images: an attacker without this training makes
PriCheXy-Net look safe (Packhäuser et al., Deep learning-based anonymization of chest radiographs, 2022), and 11 of 15
ways to anonymise faces could be partly reversed (Todt et al., Fantômas, 2022).
"""

from math import nan
from typing import Self

import numpy as np
from pydantic import PositiveInt

from ganaug.core.config import settings
from ganaug.core.seeding import numpy_generator
from ganaug.synthesis.attacks import Attack, Pairs

PENALTIES = tuple(10.0 ** np.arange(-2, 6))
"""Ridge penalties to choose from, for pixels from 0 to 1."""


@settings
class Reversal(Attack):
    """Linkage of sources that a ridge regression predicts; trained on one half of the pairs, it attacks the other half.

    The attacker knows the sources in one half, and takes the training images of the other half that are nearest to a
    prediction for the source. Each half attacks the other; groups stay whole. The regression sees the stand-in's class
    and its pixels, or their principal components; its penalty is chosen by leave-one-out errors on the known half.
    Stand-ins that have nothing of their sources score 0.5. Copies may score less than 1 if there are fewer of them than
    pixels. NaN if a half has fewer than two stand-ins, or if no source has another image of its class in its half.
    """

    components: PositiveInt = 256
    """Maximum number of principal components of the stand-ins that the regression sees. In images with more pixels than
    this, it misses a signal too faint to be in these components."""

    @classmethod
    def small(cls) -> Self:
        return cls(components=4)

    def __call__(self, pairs: Pairs) -> float:
        in_first = halves(pairs.train_labels, pairs.train_groups)
        first, second = (pairs.among(np.flatnonzero(half)) for half in (in_first, ~in_first))
        if min(len(first.stand_ins), len(second.stand_ins)) < 2:
            return nan
        values = np.array([self._linkage(second, attacked=first), self._linkage(first, attacked=second)])
        weights = np.array([len(first.stand_ins), len(second.stand_ins)])
        finite = np.isfinite(values)
        return float(np.average(values[finite], weights=weights[finite])) if finite.any() else nan

    def _linkage(self, known: Pairs, attacked: Pairs) -> float:
        """Return the linkage of predictions for `attacked` by a model trained on `known`."""
        from sklearn.decomposition import PCA
        from sklearn.linear_model import RidgeCV

        components = min(self.components, *known.stand_ins.shape)
        with np.errstate(invalid="ignore"):  # identical images have no variance to explain
            principal = PCA(components, random_state=0).fit(known.stand_ins / 255)
        classes = np.union1d(known.labels, attacked.labels)

        def inputs(pairs: Pairs) -> np.ndarray:
            return np.hstack([principal.transform(pairs.stand_ins / 255), pairs.labels[:, None] == classes])

        model = RidgeCV(PENALTIES).fit(inputs(known), known.train[known.sources])
        return attacked._replace(stand_ins=model.predict(inputs(attacked))).share_farther()


def halves(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return a mask (M,) of the images in the first half of a random but fixed split that keeps groups whole.

    labels, groups: (M,). Each half has about half the groups of each class; a group of several classes counts for the
    first of them.
    """
    names, group = np.unique(groups, return_inverse=True)
    label = np.full(len(names), labels.max(initial=0))
    np.minimum.at(label, group, labels)
    order = numpy_generator(0, "halves").permutation(len(names))
    order = order[np.argsort(label[order], kind="stable")]
    first = np.zeros(len(names), dtype=bool)
    first[order[::2]] = True
    return first[group]
