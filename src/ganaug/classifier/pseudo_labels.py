"""Pseudo-labels (Lee, Pseudo-Label, 2013): classes for unlabelled images from a teacher's confident predictions."""

from dataclasses import replace
from typing import Literal

import numpy as np

from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages

Teacher = Literal["ensemble", "discriminator", "both"]

TRAINING_LENGTH: dict[Teacher, str] = {
    "ensemble": "train_ensemble.steps",
    "discriminator": "train_gan.steps",
    "both": "train_ensemble.steps, train_gan.steps",
}
"""The parameters that determine how long each teacher is trained."""


def pseudo_labelled(
    images: LabelledImages, probabilities: np.ndarray, threshold: float, teacher: Teacher
) -> LabelledImages:
    """Return those of `images` whose largest class probability is above `threshold`, labelled with that class.

    probabilities: (N, K), predicted by `teacher`.

    Raises InputError if no image is above the threshold.
    """
    confident = np.flatnonzero(probabilities.max(1) > threshold)
    if len(confident) == 0:
        raise InputError(
            f"teacher '{teacher}' is confident about none of the {len(images)} unlabelled images; lower "
            f"pseudo_label_threshold ({threshold:g}), or train the teacher for longer ({TRAINING_LENGTH[teacher]})"
        )
    labels = probabilities[confident].argmax(1).astype(np.int64)
    return replace(images.subset(confident), labels=labels)


def geometric_mean(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the geometric mean of two predictions (N, K), scaled to sum to 1.

    The logarithmic opinion pool (Genest and Zidek, Combining probability distributions, 1986): a class that either
    prediction rules out stays ruled out. If no class is left, all probabilities are 0.
    """
    product: np.ndarray = np.sqrt(first * second)
    return product / np.maximum(product.sum(axis=1, keepdims=True), np.finfo(product.dtype).tiny)
