"""Trains a cross-fitted ensemble: each member on all training images but one fold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ganaug.classifier.ensemble import NO_FOLD, Ensemble
from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.classifier.training import fit
from ganaug.core.progress import with_offset
from ganaug.core.seeding import derive, numpy_generator
from ganaug.data.batches import MixedBatches, Part, index_batches
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches


def assign_folds(train: LabelledImages, folds: int, randomness: np.random.Generator) -> np.ndarray:
    """Return the fold of each image, (M,) int64 in 0 … folds − 1, or NO_FOLD.

    Groups stay together: a member that was trained on a patient's other images, or on a copy, has seen the image. Each
    group counts towards the rarest of its classes. Class by class, groups are dealt to the folds in turn, in random
    order. If every group has a single class, fold sizes differ by at most one group, in total and within each class.

    NO_FOLD goes to a group that is the only one of a class, and to the groups of a class that all ended up in one fold:
    every member needs some images of every class to train on.
    """
    _, groups = np.unique(train.group_ids, return_inverse=True)
    classes, labels = np.unique(train.labels, return_inverse=True)
    has_class = np.zeros((groups.max() + 1, len(classes)), bool)
    has_class[groups, labels] = True
    rarest = np.where(has_class, has_class.sum(0), len(train) + 1).argmin(1)
    order = np.concatenate([randomness.permutation(np.flatnonzero(rarest == label)) for label in range(len(classes))])
    order = order[~has_class[order][:, has_class.sum(0) == 1].any(1)]
    assigned = np.full(len(has_class), NO_FOLD, dtype=np.int64)
    assigned[order] = np.arange(len(order)) % folds
    for in_class in has_class.T:
        if len(np.unique(assigned[in_class])) == 1:
            assigned[in_class] = NO_FOLD
    return assigned[groups]


def train_ensemble(
    settings: TrainEnsemble,
    train: LabelledImages,
    val: LabelledImages,
    seed: int,
    on_step: Callable[[int], None] = lambda _: None,
) -> Ensemble:
    """Assign `train` to folds and train each member on all folds but its own.

    val: only selects each member's best step. on_step: called after each step with the number of steps done so far, of
    settings.members × settings.steps. The same settings, images, seed and machine give the same weights.

    Raises InputError if training diverges.
    """
    folds = assign_folds(train, settings.members, numpy_generator(seed, "folds"))
    members, trainings = [], []
    for number in range(settings.members):
        member_seed, done = derive(seed, f"member/{number}"), number * settings.steps
        seen = train.subset(np.flatnonzero(folds != number))
        # members rate images of all classes, so frequent classes must not drown out rare ones
        balanced = len(set(train.counts.values())) > 1
        order = index_batches(seen, settings.batch_size, derive(member_seed, "real"), balanced=balanced)
        part = Part(seen.images, seen.labels, order, settings.batch_size, ascending=True)
        draws = derive(member_seed, "transforms")
        batches = AugmentedBatches(MixedBatches(part), len(train.classes), draws, settings.transforms)
        fitted = fit(settings, batches, val, member_seed, with_offset(on_step, done))
        members.append(fitted.model)
        trainings.append({"step": fitted.step, "val_balanced_accuracy": round(fitted.val_balanced_accuracy, 6)})
    pretrained = settings.classifier.pretrained()
    return Ensemble(tuple(members), folds, settings.classifier, train.shape, train.classes, trainings, pretrained)
