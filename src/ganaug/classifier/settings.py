"""How classifiers are trained, and section `train_ensemble` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ganaug.classifier.architectures import Classifier
from ganaug.core.config import plugin, settings
from ganaug.data.transforms import Transforms


@settings
class Training:
    """How one classifier is trained, regardless of the data."""

    classifier: Annotated[Classifier, plugin("classifier.architectures")]
    """The network."""
    steps: PositiveInt
    """Optimiser steps."""
    batch_size: Annotated[int, Field(ge=2)] = 64
    """Images per step."""
    learning_rate: PositiveFloat = 1e-3
    """AdamW's peak learning rate, reached after a tenth of the steps; it then falls to 0 along a half cosine."""
    weight_decay: NonNegativeFloat = 1e-2
    """AdamW's weight decay. PyTorch's default is 1e-2."""
    evaluate_every: PositiveInt = 25
    """Steps between two validation passes; the state with the best balanced accuracy is kept."""


@settings
class TrainEnsemble(Training):
    """The classifiers that label, select and measure images; they take no part in the comparison of arms."""

    members: Annotated[int, Field(ge=2)] = 3
    """Number of classifiers, and of folds of the training images: each member is trained on all folds but one. With
    more members, each sees more of the images, at the cost of one more training each; cross-fitting usually takes 2 to
    10 folds (Chernozhukov et al., 2018)."""
    learning_rate: PositiveFloat = 2e-3
    """AdamW's peak learning rate, reached after a tenth of the steps; it then falls to 0 along a half cosine."""
    evaluate_every: PositiveInt = 50
    """Steps between two validation passes; each member's state with the best balanced accuracy is kept."""
    transforms: Transforms = Transforms()
    """Classical augmentation of every image of a batch: torchvision transforms, applied in order."""
