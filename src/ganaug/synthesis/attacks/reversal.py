"""Whether a model that is trained on pairs of stand-ins and sources finds the source of another stand-in.

A measure of privacy needs an attacker that is trained on the protected images: one that was not lets PriCheXy-Net look
safe (Packhäuser et al., Deep learning-based anonymization of chest radiographs, 2022), and 11 of 15 ways to anonymise
faces could be partly reversed (Todt et al., Fantômas, 2022).
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
    """Linkage of what a ridge regression predicts the source to be: of each half, by one trained on the other half.

    The attacker knows one half of all sources, and takes the training images of the other half that are nearest to the
    prediction for the sources. Whole groups are in one half. The regression sees the stand-in's class and its pixels,
    or their principal components; its penalty is chosen by leave-one-out errors on the known half. Stand-ins that have
    nothing of their sources score 0.5. Copies need not score 1 if there are fewer of them than pixels. NaN if a half
    has fewer than two stand-ins, or if no source has another image of its class in its half.
    """

    components: PositiveInt = 256
    """The most principal components of the stand-ins that the regression sees. A signal that is too faint for them, in
    images of more pixels than this, is not found."""

    @classmethod
    def small(cls) -> Self:
        return cls(components=4)

    def __call__(self, pairs: Pairs) -> float:
        first = halves(pairs.train_labels, pairs.train_groups)
        one, other = (pairs.among(np.flatnonzero(half)) for half in (first, ~first))
        if min(len(one.stand_ins), len(other.stand_ins)) < 2:
            return nan
        found = [self._linkage(known, attacked) for known, attacked in ((other, one), (one, other))]
        weights = np.array([len(one.stand_ins), len(other.stand_ins)])
        values, finite = np.array(found), np.isfinite(found)
        return float(np.average(values[finite], weights=weights[finite])) if finite.any() else nan

    def _linkage(self, known: Pairs, attacked: Pairs) -> float:
        """Return the linkage of predictions for the stand-ins `attacked` by a model that was trained on `known`."""
        from sklearn.decomposition import PCA
        from sklearn.linear_model import RidgeCV

        wanted = min(self.components, *known.stand_ins.shape)
        with np.errstate(invalid="ignore"):  # images that are all equal have no variance to explain
            principal = PCA(wanted, random_state=0).fit(known.stand_ins / 255)
        classes = np.union1d(known.labels, attacked.labels)

        def seen(pairs: Pairs) -> np.ndarray:
            return np.hstack([principal.transform(pairs.stand_ins / 255), pairs.labels[:, None] == classes])

        model = RidgeCV(PENALTIES).fit(seen(known), known.train[known.sources])
        return attacked._replace(stand_ins=model.predict(seen(attacked))).share_farther()


def halves(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return a mask (M,) of the images in the first of two halves: random, always the same, of whole groups.

    labels, groups: (M,). Of each class about half the groups are in it; a group of several classes counts for its
    first one.
    """
    names, group = np.unique(groups, return_inverse=True)
    label = np.full(len(names), labels.max(initial=0))
    np.minimum.at(label, group, labels)
    order = numpy_generator(0, "halves").permutation(len(names))
    order = order[np.argsort(label[order], kind="stable")]
    first = np.zeros(len(names), dtype=bool)
    first[order[::2]] = True
    halved: np.ndarray = first[group]
    return halved
