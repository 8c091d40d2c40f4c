"""Which of a GAN's images are worth keeping: scores of every candidate, and the choice.

Whoever judges a candidate has not seen the training image that it may be a copy of: a classifier draws the images
together that it was trained on, is sure of them and of their copies, and would take a good new image for a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from torch import Tensor, nn

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.device import device
from ganaug.core.distances import kth_neighbour_distance, nearest
from ganaug.core.forward import forward
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages, to_float
from ganaug.gan.conditioning import conditions
from ganaug.gan.health import COPY_QUANTILE
from ganaug.gan.sampling import CHUNK
from ganaug.synthesis.policies import Policy, Scores


class Nearest(NamedTuple):
    """Of N images, what is nearest among the training images, each judged by a member that has not seen it."""

    distances: np.ndarray
    """(N,), float64, in units of what the median validation image has."""
    members: np.ndarray
    """(N,), int64: who critiques."""


class Scored(NamedTuple):
    """What is known of each candidate."""

    scores: Scores
    probabilities: np.ndarray
    """(N, K), float32: class probabilities by the member that `scores.confidence` is of."""


class Selection(NamedTuple):
    """Which candidates are kept."""

    kept: np.ndarray
    """(P,), int64: classes one after the other, within a class in the candidates' order, so that the first ones are no
    better than the last."""
    refused: np.ndarray
    """(K,), int64: candidates of each class that were never to be taken."""


def score_candidates(
    candidates: LabelledImages, ensemble: Ensemble, discriminator: nn.Module, train: LabelledImages, val: LabelledImages
) -> Scored:
    """Return scores of all candidates.

    train: the images that the ensemble's folds belong to. val: units and threshold are taken from these images.
    """
    looking = [member for member in range(len(ensemble.members)) if ensemble.unseen(member).any()]
    views = [ensemble.features(images.images) for images in (candidates, train, val)]
    features, reals, held_out = ([view[member] for member in looking] for view in views)
    masks = [ensemble.unseen(member) for member in looking]
    unseen = [real[mask] for real, mask in zip(reals, masks, strict=True)]
    units = member_units(held_out, unseen)
    found = find_nearest(features, unseen, units)
    threshold = np.quantile(find_nearest(held_out, unseen, units).distances, COPY_QUANTILE)
    opinions = ensemble.probabilities(candidates.images)[looking]
    probabilities = opinions[found.members, np.arange(len(candidates))]
    labels = candidates.labels
    scores = Scores(
        label=labels,
        predicted=probabilities.argmax(1).astype(np.int64),
        confidence=probabilities[np.arange(len(labels)), labels].astype(np.float64),
        train_distance=found.distances,
        near_copy=found.distances < threshold,
        synthetic_distance=among_themselves(features, units),
        realness=realness(discriminator, candidates),
        density_ratio=density_ratio(features, labels, unseen, [train.labels[mask] for mask in masks]),
    )
    return Scored(scores, probabilities)


def member_units(held_out: Sequence[np.ndarray], unseen: Sequence[np.ndarray]) -> np.ndarray:
    """Return for each member the median distance of validation images from the nearest training image, (members,).

    held_out: each member's features (V, F) of the validation images. unseen: each member's features (L, F) of the
    training images that it may look at. In these units members can be compared, whatever the scale of their features
    and the size of their fold. 1 where the median is 0.
    """
    medians = np.array([np.median(nearest(one, some)[0]) for one, some in zip(held_out, unseen, strict=True)])
    return np.where(medians > 0, medians, 1.0)


def find_nearest(features: Sequence[np.ndarray], unseen: Sequence[np.ndarray], units: np.ndarray) -> Nearest:
    """Return for each image the least of the members' distances to the training images that each may look at.

    features: each member's features (N, F) of the images. unseen, units: as for `member_units`.
    """
    distances = np.stack([nearest(one, some)[0] for one, some in zip(features, unseen, strict=True)]) / units[:, None]
    return Nearest(distances.min(0), distances.argmin(0))


def among_themselves(features: Sequence[np.ndarray], units: np.ndarray) -> np.ndarray:
    """Return how far each image is from the nearest other one, (N,), in the same units; NaN if it is the only one.

    features: each member's, (N, F). The mean over members, not the least: no member has seen any of these images, so
    all are as good judges, and a mean is steadier.
    """
    if len(features[0]) < 2:
        return np.full(len(features[0]), np.nan)
    return np.mean([kth_neighbour_distance(one, 1) / unit for one, unit in zip(features, units, strict=True)], axis=0)


def density_ratio(
    features: Sequence[np.ndarray],
    labels: np.ndarray,
    unseen: Sequence[np.ndarray],
    unseen_labels: Sequence[np.ndarray],
) -> np.ndarray:
    """Return the logarithm of the ratio of real to synthetic density at each candidate, (N,).

    features: each member's, (N, F), of the candidates; labels: (N,) their classes. unseen and unseen_labels: each
    member's features (L, F) of the training images that it may look at, and their classes (L,).

    By probabilistic classification (Sugiyama et al., Density ratio estimation in machine learning, 2012, chapter 4), in
    a classifier's features as Ding et al. (2020): a logistic regression tells training images from candidates, and with
    both sides weighing the same its logit is the logarithm wanted. One for each member, as training images would be
    told by features that know them: members' features cannot be joined in one row, since no training image is unseen by
    all. The mean of the members' logits is taken; validation images have no part in it, they train nothing.

    Within each side every class weighs the same, and classes of which a member looks at no image are left out, so that
    the logit is not about frequencies of classes. It sees images alone, not whether they fit their label. All of a side
    weighs as much as there are training images, with scikit-learn's penalty (a standard normal prior of weights on
    standardised features): with few training images the ratios are timid.
    """
    members = zip(features, unseen, unseen_labels, strict=True)
    return np.mean([_logits(one, labels, some, theirs) for one, some, theirs in members], axis=0)


def _logits(features: np.ndarray, labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression  # which takes a second to import
    from sklearn.preprocessing import StandardScaler

    common = np.intersect1d(labels, real_labels)
    if len(common) == 0:
        return np.zeros(len(features))
    weights = np.concatenate([_even(real_labels, common), _even(labels, common)]) * len(real)
    scaler = StandardScaler().fit(np.concatenate([real, features]), sample_weight=weights)
    is_real = np.repeat([1, 0], [len(real), len(features)])
    model = LogisticRegression(max_iter=1000)
    model.fit(scaler.transform(np.concatenate([real, features])), is_real, sample_weight=weights)
    logits: np.ndarray = model.decision_function(scaler.transform(features))
    return logits


def _even(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return weights (N,) that sum to 1, with equal sums for each of `classes` and 0 for others."""
    weights = np.zeros(len(labels))
    for label in classes:
        weights[labels == label] = 1 / (len(classes) * (labels == label).sum())
    return weights


def realness(discriminator: nn.Module, candidates: LabelledImages) -> np.ndarray:
    """Return the discriminator's logit of each candidate given its label, (N,) float64.

    Every forward pass has CHUNK images of mixed classes, as in training, in an order that depends on their number
    alone; the last chunk is filled up. So a discriminator that compares the images of a batch always sees a candidate
    in the same company; with other discriminators, company makes no difference.
    """
    discriminator = discriminator.to(device()).eval()
    order = numpy_generator(0, "realness").permutation(len(candidates))
    classes = len(candidates.classes)

    def logits(images: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = discriminator(to_float(images), conditions(labels, classes)).realness
        return found

    shuffled = candidates.subset(order)
    found = np.zeros(len(candidates))
    results = forward(logits, shuffled.images, shuffled.labels, size=CHUNK, device=device(), fill=True)
    found[order] = results.double().numpy()
    return found


def select(
    scores: Scores, per_class: int, classes: int, policy: Policy, randomness: np.random.Generator, *, drop_copies: bool
) -> Selection:
    """Return the `per_class` most preferred candidates of each of the `classes`, fewer where too many are refused."""
    preference = policy.preference(scores, randomness)
    if drop_copies:
        preference = np.where(scores.near_copy, -np.inf, preference)
    kept = [np.zeros(0, np.int64)]
    refused = []
    for label in range(classes):
        places = np.flatnonzero(scores.label == label)
        order = places[np.argsort(-preference[places], kind="stable")]
        allowed = order[preference[order] > -np.inf]
        kept.append(np.sort(allowed[:per_class]))
        refused.append(len(places) - len(allowed))
    return Selection(np.concatenate(kept), np.array(refused, dtype=np.int64))
