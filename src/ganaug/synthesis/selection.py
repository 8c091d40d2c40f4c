"""Scores a GAN's candidate images and selects which to keep; can reject near-copies of training images.

Each candidate is scored by an ensemble member that was not trained on the training image nearest to it: classifiers are
overconfident about images that they were trained on, and about copies of them. `classifier/near_copies.py` detects
copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from torch import Tensor, nn

from ganaug.classifier.ensemble import Ensemble
from ganaug.classifier.near_copies import CopyDetector
from ganaug.core.device import device
from ganaug.core.forward import forward
from ganaug.core.neighbours import kth_neighbour_distance
from ganaug.core.seeding import numpy_generator
from ganaug.data.images import LabelledImages, to_float
from ganaug.gan.conditioning import conditions
from ganaug.gan.sampling import CHUNK
from ganaug.synthesis.policies import CandidateScores, Policy


class Scored(NamedTuple):
    """The scores and class probabilities of all candidates."""

    scores: CandidateScores
    probabilities: np.ndarray
    """(N, K), float32: class probabilities, from the same member as `scores.confidence`."""


class Selection(NamedTuple):
    """The candidates that are kept, and how many are rejected."""

    kept: np.ndarray
    """(P,), int64: indices of the kept candidates, class by class; within a class in the candidates' order, not by
    preference, so that the first are no better than the last."""
    rejected: np.ndarray
    """(K,), int64: number of candidates of each class that were rejected, not only outranked."""


def score_candidates(
    candidates: LabelledImages, ensemble: Ensemble, discriminator: nn.Module, train: LabelledImages, val: LabelledImages
) -> Scored:
    """Score all candidates.

    train: the ensemble's training images, in the order of its folds. val: images that set the unit of distance and the
    threshold for near-copies. Members that have seen all training images are ignored.
    """
    members = [member for member in range(len(ensemble.members)) if ensemble.unseen(member).any()]
    all_features = [ensemble.features(images.images) for images in (candidates, train, val)]
    features, train_features, held_out = ([by_member[member] for member in members] for by_member in all_features)
    masks = [ensemble.unseen(member) for member in members]
    unseen = [real[mask] for real, mask in zip(train_features, masks, strict=True)]
    detector = CopyDetector.fit(unseen, held_out)
    nearest = detector.nearest(features)
    member_probabilities = ensemble.probabilities(candidates.images)[members]
    probabilities = member_probabilities[nearest.spaces, np.arange(len(candidates))]
    labels = candidates.labels
    scores = CandidateScores(
        label=labels,
        predicted=probabilities.argmax(1).astype(np.int64),
        confidence=probabilities[np.arange(len(labels)), labels].astype(np.float64),
        train_distance=nearest.distances,
        near_copy=nearest.distances < detector.threshold,
        synthetic_distance=distance_to_other_candidates(features, detector.units),
        realness=realness(discriminator, candidates),
        density_ratio=density_ratio(features, labels, unseen, [train.labels[mask] for mask in masks]),
    )
    return Scored(scores, probabilities)


def distance_to_other_candidates(features: Sequence[np.ndarray], units: np.ndarray) -> np.ndarray:
    """Return each candidate's distance to the nearest other candidate, (N,); NaN for a single candidate.

    features: each member's features (N, F) of the candidates. units: see `CopyDetector`. Distances are averaged over
    members: no member was trained on a candidate, so all are equally reliable, and a mean is steadier than a minimum.
    """
    if len(features[0]) < 2:
        return np.full(len(features[0]), np.nan)
    distances = [kth_neighbour_distance(points, 1) / unit for points, unit in zip(features, units, strict=True)]
    return np.mean(distances, axis=0)


def density_ratio(
    features: Sequence[np.ndarray],
    labels: np.ndarray,
    unseen: Sequence[np.ndarray],
    unseen_labels: Sequence[np.ndarray],
) -> np.ndarray:
    """Return the log ratio of real to synthetic density at each candidate, (N,).

    features: each member's features (N, F) of the candidates. labels: the candidates' classes, (N,). unseen,
    unseen_labels: each member's features (L, F) of the training images that it has not seen, and their classes (L,).

    The density ratio is estimated by probabilistic classification (Sugiyama et al., Density ratio estimation in machine
    learning, 2012, chapter 4) in a classifier's features, as in Ding et al. (2020): a logistic regression separates
    training images from candidates, and if both sets have equal weight, its logit is the log ratio. Each member has its
    own regression, because features of a member that was trained on an image would reveal that image; members' features
    cannot be concatenated, as no training image is unseen by all members. The result is the mean of the members'
    logits. Validation images are not used, because they must not train anything.

    Within each set all classes have equal weight, and classes without a training image unseen by a member are ignored,
    so that the logit does not depend on class frequencies. The regression sees only the images, not whether they match
    their labels. The total weight of each set is the number of training images; with scikit-learn's penalty (a standard
    normal prior on the weights of standardised features), few training images give log ratios close to 0.
    """
    members = zip(features, unseen, unseen_labels, strict=True)
    return np.mean([_logits(synthetic, labels, real, real_labels) for synthetic, real, real_labels in members], axis=0)


def _logits(features: np.ndarray, labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> np.ndarray:
    """Return each candidate's logit of "real", (N,), from one member's features; 0 if the sets share no class."""
    from sklearn.linear_model import LogisticRegression  # takes a second to import
    from sklearn.preprocessing import StandardScaler

    common = np.intersect1d(labels, real_labels)
    if len(common) == 0:
        return np.zeros(len(features))
    weights = np.concatenate([_balanced_weights(real_labels, common), _balanced_weights(labels, common)]) * len(real)
    scaler = StandardScaler().fit(np.concatenate([real, features]), sample_weight=weights)
    is_real = np.repeat([1, 0], [len(real), len(features)])
    model = LogisticRegression(max_iter=1000)
    model.fit(scaler.transform(np.concatenate([real, features])), is_real, sample_weight=weights)
    return model.decision_function(scaler.transform(features))


def _balanced_weights(labels: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return weights (N,) that sum to 1, with equal sums for each of `classes`; 0 for other classes."""
    weights = np.zeros(len(labels))
    for label in classes:
        weights[labels == label] = 1 / (len(classes) * (labels == label).sum())
    return weights


def realness(discriminator: nn.Module, candidates: LabelledImages) -> np.ndarray:
    """Return the discriminator's logit for each candidate given its label, (N,) float64; the mean over patches.

    Every batch has exactly CHUNK images of mixed classes, as in training, in a shuffled order that depends only on the
    number of candidates; the last batch is padded. A discriminator that compares the images within a batch thus sees
    the same batches every time. For other discriminators the batches make no difference.
    """
    discriminator = discriminator.to(device()).eval()
    order = numpy_generator(0, "realness").permutation(len(candidates))
    size = len(candidates.classes) + len(candidates.attribute_names)

    def logits(images: Tensor, labels: Tensor, attributes: Tensor) -> Tensor:
        output: Tensor = discriminator(to_float(images), conditions(labels, size, attributes=attributes)).realness
        return output.view(len(images), -1).mean(dim=1)

    shuffled = candidates.subset(order)
    results = forward(
        logits, shuffled.images, shuffled.labels, shuffled.described, size=CHUNK, device=device(), fill=True
    )
    in_original_order = np.zeros(len(candidates))
    in_original_order[order] = results.double().numpy()
    return in_original_order


def select(
    scores: CandidateScores,
    per_class: int | Sequence[int],
    classes: int,
    policy: Policy,
    randomness: np.random.Generator,
    *,
    drop_copies: bool,
    places: np.ndarray | None = None,
) -> Selection:
    """Select up to `per_class` candidates of each class, in the order that `policy` prefers.

    per_class: one number for all classes, or one per class. drop_copies: reject near-copies of training images under
    any policy. A class ends up with fewer images if too many of its candidates are rejected. places: (N,) int64: keep
    at most one of a class's candidates with the same place; None: no such limit.
    """
    preference = policy.preference(scores, randomness)
    if drop_copies:
        preference = np.where(scores.near_copy, -np.inf, preference)
    kept = [np.zeros(0, np.int64)]
    rejected = []
    for label, wanted in enumerate(np.broadcast_to(per_class, classes).tolist()):
        indices = np.flatnonzero(scores.label == label)
        order = indices[np.argsort(-preference[indices], kind="stable")]
        allowed = order[preference[order] > -np.inf]
        best = allowed if places is None else allowed[np.sort(np.unique(places[allowed], return_index=True)[1])]
        kept.append(np.sort(best[:wanted]))
        rejected.append(len(indices) - len(allowed))
    return Selection(np.concatenate(kept), np.array(rejected, dtype=np.int64))
