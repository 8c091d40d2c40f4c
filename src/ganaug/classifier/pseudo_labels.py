"""Classes for images that have none: those that a teacher is sure of (Lee, Pseudo-Label, 2013)."""

from dataclasses import replace

import numpy as np

from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages
from ganaug.experiment.arm_settings import Teacher

STEPS: dict[Teacher, str] = {
    "ensemble": "train_ensemble.steps",
    "discriminator": "train_gan.steps",
    "both": "train_ensemble.steps, train_gan.steps",
}
"""How long each teacher is trained."""


def pseudo_labelled(
    images: LabelledImages, probabilities: np.ndarray, confidence: float, teacher: Teacher
) -> LabelledImages:
    """Return those of `images` whose largest probability is above `confidence`, with that class.

    probabilities: (N, K), what `teacher` takes the images for.

    Raises InputError if there are none.
    """
    sure = np.flatnonzero(probabilities.max(1) > confidence)
    if len(sure) == 0:
        raise InputError(
            f"teacher '{teacher}' is sure of none of {len(images)} images without labels; lower confidence "
            f"({confidence:g}), or train it for longer ({STEPS[teacher]})"
        )
    labels = probabilities[sure].argmax(1).astype(np.int64)
    return replace(images.subset(sure), labels=labels)


def pooled(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return what two opinions (N, K) come to: their geometric mean, scaled to sum to 1.

    The logarithmic opinion pool (Genest and Zidek, Combining probability distributions, 1986): who is sure that it is
    not a class rules it out. Where that leaves no class, all are 0.
    """
    product: np.ndarray = np.sqrt(one * other)
    return product / np.maximum(product.sum(axis=1, keepdims=True), np.finfo(product.dtype).tiny)
