"""Speeds up training a head on a frozen backbone, whose features are computed only once."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import CHUNK, evaluate, evaluation_mode, validation_scores
from ganaug.core.device import device
from ganaug.core.forward import forward
from ganaug.data.batches import MixedBatches, Part
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches


def feature_batches(model: ImageClassifier, batches: object, steps: int) -> MixedBatches | None:
    """Return the same batches with features (N, F) on the CPU instead of images, or None unless `computed_once`."""
    if not computed_once(model, batches, steps):
        return None
    parts = _unchanging(batches)
    return MixedBatches(*(part._replace(images=evaluate(model, model.features, part.images)) for part in parts))


def computed_once(model: ImageClassifier, batches: object, steps: int) -> bool:
    """Whether `steps` batches show the same features again and again, so that computing them once saves time.

    They do not if the backbone is trained, if transforms or mixing change images from pass to pass, or if there are
    more images than the batches show.
    """
    parts = _unchanging(batches) if model.frozen else ()
    shown = steps * sum(part.size for part in parts)
    return bool(parts) and shown >= sum(len(part.images) for part in parts)


def _unchanging(batches: object) -> tuple[Part, ...]:
    """Return the parts of batches that show images unchanged; empty if the batches change them."""
    if not isinstance(batches, AugmentedBatches) or batches.transforms or batches.mixing:
        return ()
    return batches.batches.parts if isinstance(batches.batches, MixedBatches) else ()


def validation_on_features(model: ImageClassifier, val: LabelledImages) -> Callable[[], dict[str, float]]:
    """Compute the features of `val` once, and return a function that does with them what `validate` does."""
    features = evaluate(model, model.features, val.images)

    def validate() -> dict[str, float]:
        with evaluation_mode(model):
            logits: Tensor = forward(model.head, features, size=CHUNK, device=device())
        return validation_scores(logits, val)

    return validate
