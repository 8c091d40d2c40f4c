"""Section `train_ensemble` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from ganaug.classifier.architectures import Classifier
from ganaug.core.config import plugin, settings
from ganaug.data.transforms import Transforms


@settings
class TrainEnsemble:
    """The classifiers that judge images: they label, choose and measure, and are no part of the comparison."""

    classifier: Annotated[Classifier, plugin("classifier.architectures")]
    """The network of every member."""
    members: Annotated[int, Field(ge=2)] = 3
    """Classifiers, and folds of the training images: each is trained on all folds but one. More members see more of
    the images and cost as much each; cross-fitting is done with 2 to 10 (Chernozhukov et al., 2018)."""
    steps: PositiveInt
    """Optimiser steps of each member."""
    batch_size: Annotated[int, Field(ge=2)] = 64
    """Images a step."""
    learning_rate: PositiveFloat = 2e-3
    """AdamW's largest step size, reached after a tenth of the steps; it falls to 0 along a half cosine."""
    transforms: Transforms = Transforms()
    """Classical augmentation of every image of a batch: transforms of torchvision, in order."""
