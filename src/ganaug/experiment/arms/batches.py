"""Turns an arm's options into the training batches of its classifiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganaug.classifier.oversampling import deficits
from ganaug.classifier.settings import Training
from ganaug.core.errors import InputError
from ganaug.core.seeding import derive
from ganaug.data.batches import Batches, ClassBatches, MixedBatches, Part, Phases, RawBatches, index_batches
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches
from ganaug.experiment.arms.settings import Arm


@dataclass(frozen=True)
class TrainingSets:
    """The images that one classifier can be trained on; None: its arm does not use them."""

    train: LabelledImages
    synthetic: LabelledImages | None = None
    soft_labels: np.ndarray | None = None
    """Class probabilities (N, K), float32, of the synthetic images, used as targets instead of their labels."""
    pseudo_labelled: LabelledImages | None = None
    """Images from the pool with pseudo-labels."""
    other_domain: LabelledImages | None = None
    """Images of another domain, all with labels or pseudo-labels."""


def arm_batches(arm: Arm, sets: TrainingSets, settings: Training, seed: int) -> AugmentedBatches:
    """Return a classifier's training batches for an arm with a single share of synthetic images.

    With the same seed, all arms that have the same real images and the same `balanced` see the real images in the same
    order, whatever else is in a batch, so that differences between arms are paired.
    """
    (share,) = arm.synthetic_shares
    mixed: RawBatches = _mixed(arm, sets, share, settings.batch_size, seed)
    switch = max(1, round(arm.synthetic_until * settings.steps))
    if share and switch < settings.steps:
        mixed = Phases(mixed, _mixed(arm, sets, 0.0, settings.batch_size, seed), switch)
    draws = derive(seed, "transforms")
    return AugmentedBatches(mixed, len(sets.train.classes), draws, arm.transforms, arm.mixing)


def _mixed(arm: Arm, sets: TrainingSets, share: float, batch_size: int, seed: int) -> MixedBatches:
    real, pseudo, synthetic, other = batch_sizes(batch_size, arm.pseudo_labels, share, arm.other_domain)
    parts = []
    if real:
        # draw full batches and cut them: the order of the real images must not depend on their number per batch
        order = index_batches(sets.train, batch_size, derive(seed, "real"), balanced=arm.balanced)
        parts.append(Part(sets.train.images, sets.train.labels, order, real, ascending=True))
    if synthetic:
        parts.append(_synthetic(arm, sets, synthetic, derive(seed, "synthetic")))
    if pseudo:
        parts.append(_all_of(_present(sets.pseudo_labelled, "pseudo-labelled"), pseudo, derive(seed, "pseudo")))
    if other:
        parts.append(_all_of(_present(sets.other_domain, "other-domain"), other, derive(seed, "other_domain")))
    return MixedBatches(*parts)


def _synthetic(arm: Arm, sets: TrainingSets, size: int, seed: int) -> Part:
    images = _present(sets.synthetic, "synthetic")
    order: Batches | ClassBatches = Batches(len(images), size, seed)
    if arm.synthetic_for == "short":
        order = ClassBatches(images.labels, class_deficits(sets.train, images), size, seed)
    targets = images.labels if sets.soft_labels is None else sets.soft_labels
    return Part(images.images, targets, order, size, ascending=True)


def _present(images: LabelledImages | None, kind: str) -> LabelledImages:
    if images is None:
        raise ValueError(f"the arm uses {kind} images, but its sets have none")
    return images


def _all_of(images: LabelledImages, size: int, seed: int) -> Part:
    return Part(images.images, images.labels, Batches(len(images), size, seed), size, ascending=True)


def batch_sizes(batch_size: int, *others: float) -> list[int]:
    """Return the numbers of real images in a batch and of each other kind; `others` are the other kinds' shares.

    Every kind with a share above 0 gets at least one image, unless the batch is too small; the kind with the largest
    share absorbs the rounding error.
    """
    shares = np.array([1 - sum(others), *others]).round(9)
    sizes = np.maximum(np.round(shares * batch_size), shares > 0).astype(int)
    sizes[shares.argmax()] += batch_size - sizes.sum()
    return sizes.tolist()


def class_deficits(train: LabelledImages, synthetic: LabelledImages) -> np.ndarray:
    """Return how many more training images the largest class has than each class, (K,) float64.

    Classes without synthetic images get 0. Raises InputError if all classes get 0.
    """
    missing = deficits(train) * (np.array(list(synthetic.counts.values())) > 0)
    if not missing.any():
        raise InputError(
            "synthetic_for: short: no class with fewer labelled images than the largest class has synthetic images; "
            "results/synthetic/<replicate>/CARD.md lists the rejected ones; set generate.policy to none, raise "
            "generate.candidates_per_image, set train_gan.balanced to true, or set synthetic_for to all"
        )
    return missing.astype(np.float64)
