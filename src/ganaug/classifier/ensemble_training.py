"""Training of an ensemble: each member on all training images but one fold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ganaug.classifier.ensemble import ALONE, Ensemble
from ganaug.classifier.settings import TrainEnsemble
from ganaug.classifier.training import TrainingSets, fit
from ganaug.core.progress import with_offset
from ganaug.core.seeding import derive, numpy_generator
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_settings import Arm, TrainClassifier

LOOKS_EVERY = 50
"""Steps between two looks at the validation images."""


def assign_folds(train: LabelledImages, folds: int, randomness: np.random.Generator) -> np.ndarray:
    """Return the fold of each image, (M,) int64 in 0 … folds − 1, or ALONE.

    Groups stay together: who knows a patient's other images, or a copy, has seen the image. They are dealt out one by
    one, in random order within the rarest of their classes: of groups of one class each, no fold has more than one more
    than another one, in all or of a class. A group that is the only one of a class is ALONE, and so are those of a
    class that came into one fold together: every fold leaves some of each class to train on.
    """
    _, places = np.unique(train.group_ids, return_inverse=True)
    known, labels = np.unique(train.labels, return_inverse=True)
    has = np.zeros((places.max() + 1, len(known)), bool)
    has[places, labels] = True
    rarest = np.where(has, has.sum(0), len(train) + 1).argmin(1)
    order = np.concatenate([randomness.permutation(np.flatnonzero(rarest == label)) for label in range(len(known))])
    order = order[~has[order][:, has.sum(0) == 1].any(1)]
    dealt = np.full(len(has), ALONE, dtype=np.int64)
    dealt[order] = np.arange(len(order)) % folds
    for ours in has.T:
        if len(np.unique(dealt[ours])) == 1:
            dealt[ours] = ALONE
    return dealt[places]


def train_ensemble(
    settings: TrainEnsemble,
    train: LabelledImages,
    val: LabelledImages,
    seed: int,
    on_step: Callable[[int], None] = lambda _: None,
) -> Ensemble:
    """Deal `train` into folds and train each member on all but its own; `val` only chooses each member's best step.

    on_step is called with the number of steps that are done, of settings.members × settings.steps. The same settings,
    images, seed and machine give the same weights.

    Raises InputError if training diverges.
    """
    folds = assign_folds(train, settings.members, numpy_generator(seed, "folds"))
    each = TrainClassifier(
        classifier=settings.classifier,
        steps=settings.steps,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        evaluate_every=LOOKS_EVERY,
    )
    # a judge of images must not take those of rare classes for others because they are rare
    arm = Arm(transforms=settings.transforms, balanced=len(set(train.counts.values())) > 1)
    members, trainings = [], []
    for number in range(settings.members):
        sets = TrainingSets(train.subset(np.flatnonzero(folds != number)), val)
        done = number * settings.steps
        fitted = fit(each, arm, sets, derive(seed, f"member/{number}"), with_offset(on_step, done))
        members.append(fitted.model)
        trainings.append({"step": fitted.step, "val_balanced_accuracy": round(fitted.val_balanced_accuracy, 6)})
    return Ensemble(tuple(members), folds, settings.classifier, train.shape, train.classes, trainings)
