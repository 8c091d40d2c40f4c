"""Settings of classifier training that the sections `train_ensemble` and `train_classifier` share."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ganaug.classifier.architectures import Classifier
from ganaug.core.config import plugin, settings


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
