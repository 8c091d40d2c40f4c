"""Section `train_ensemble` of params.yaml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from ganaug.classifier.settings import Training
from ganaug.core.config import settings
from ganaug.data.transforms import Transforms


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
