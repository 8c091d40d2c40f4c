"""Section `train_classifier` of params.yaml, and an entry of its section `arms`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ganaug.classifiers import Classifier
from ganaug.config import plugin, settings
from ganaug.transforms import Transforms


@settings
class TrainClassifier:
    """How every arm's classifier is trained."""

    classifier: Annotated[Classifier, plugin("classifiers")]
    """The network."""
    steps: PositiveInt
    """Optimiser steps, the same in every arm."""
    batch_size: Annotated[int, Field(ge=2)] = 64
    """Images a step, real and synthetic together."""
    learning_rate: PositiveFloat = 1e-3
    """AdamW's largest step size, reached after a tenth of the steps; it falls to 0 along a half cosine."""
    weight_decay: NonNegativeFloat = 1e-2
    """AdamW's. PyTorch's default is 1e-2."""
    evaluate_every: PositiveInt = 25
    """Steps between two looks at the validation set; the best state by balanced accuracy is kept."""


@settings
class Arm:
    """One entry of `arms`: what a classifier is trained on."""

    transforms: Transforms = Transforms()
    """Classical augmentation of every image of a batch, real and synthetic: transforms of torchvision, in order."""
    synthetic: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of each batch that is synthetic."""
    discriminator: bool = False
    """Take the GAN's own discriminator for the classifier, instead of training one: for a discriminator that tells
    classes (`auxiliary`, `classifier`), above all that of `sgan`. Nothing else of the arm counts then."""
