"""Training a head on a frozen backbone: features that cannot change are computed once."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.prediction import CHUNK, evaluate, evaluation_mode, validation_scores
from ganaug.core.device import device
from ganaug.core.forward import forward
from ganaug.data.batches import MixedBatches
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches


def feature_batches(model: ImageClassifier, batches: object, steps: int) -> MixedBatches | None:
    """Return the same batches with features (N, F) on the CPU instead of images; None if they cannot be computed once.

    They cannot if the backbone is trained, or if transforms or mixing change images from pass to pass. None as well if
    there are more images than `steps` batches show, or if they are on a device already.
    """
    if not (model.frozen and isinstance(batches, AugmentedBatches) and isinstance(batches.batches, MixedBatches)):
        return None
    parts, computed = batches.batches.parts, []
    shown = steps * sum(part.size for part in parts)
    if batches.transforms or batches.mixing or shown < sum(len(part.images) for part in parts):
        return None
    for part in parts:
        if isinstance(part.images, Tensor):
            return None
        computed.append(part._replace(images=evaluate(model, model.features, part.images)))
    return MixedBatches(*computed)


def validation_on_features(model: ImageClassifier, val: LabelledImages) -> Callable[[], dict[str, float]]:
    """Return a function that does what `validate` does, with features that are computed here and now."""
    features = evaluate(model, model.features, val.images)

    def validate() -> dict[str, float]:
        with evaluation_mode(model):
            logits: Tensor = forward(model.head, features, size=CHUNK, device=device())
        return validation_scores(logits, val)

    return validate
