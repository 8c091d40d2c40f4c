"""Section `train_classifier` of params.yaml, and an entry of its section `arms`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from ganaug.classifier.architectures import Classifier
from ganaug.core.config import plugin, settings
from ganaug.data.transforms import Mixing, Transforms


@settings
class TrainClassifier:
    """How every arm's classifier is trained."""

    classifier: Annotated[Classifier, plugin("classifier.architectures")]
    """The network."""
    steps: PositiveInt
    """Optimiser steps, the same in every arm."""
    batch_size: Annotated[int, Field(ge=2)] = 64
    """Images a step, real and synthetic together."""
    learning_rate: PositiveFloat = 1e-3
    """AdamW's largest step size, reached after a tenth of the steps; it falls to 0 along a half cosine."""
    weight_decay: NonNegativeFloat = 1e-2
    """AdamW's. PyTorch's default is 1e-2."""
    seeds: PositiveInt = 1
    """Classifiers of each arm and replicate, of which every figure is the mean. They take the chance of a single
    training out of a gain, at the price of a classifier where one more replicate would cost a GAN too."""
    evaluate_every: PositiveInt = 25
    """Steps between two looks at the validation set; the best state by balanced accuracy is kept."""


Share = Annotated[float, Field(ge=0, le=1)]
Teacher = Literal["ensemble", "discriminator", "both"]


@settings
class Arm:
    """One entry of `arms`: what a classifier is trained on. `params.py` says what does not go together."""

    transforms: Transforms = Transforms()
    """Classical augmentation of every image of a batch, real and synthetic: transforms of torchvision, in order."""
    mixing: Mixing | None = None
    """Mixing of a batch's images after that: `{name: MixUp, alpha: 0.2}` (Zhang et al., 2018), or CutMix (Yun et al.,
    2019)."""
    balanced: bool = False
    """Draw real images so that every class comes equally often, however many it has."""
    labels: PositiveInt | Literal["limited", "all"] = "limited"
    """Real images with labels: the limited training set; or so many of each class, more than that, or all of the
    training pool. The latter know more than the other arms. They tell what more labels are worth, and are no
    reference."""
    pseudo_labels: Share = 0.0
    """Share of each batch that is from the pool's images without labels, with pseudo-labels (Lee, 2013)."""
    teacher: Teacher = "ensemble"
    """Who gives the pseudo-labels: the ensemble, which has learned from labelled images only; the GAN's own
    discriminator, which has learned from those without labels too, if it tells classes (as for `discriminator`); or
    both, whose errors differ."""
    confidence: Annotated[float, Field(ge=0, lt=1)] = 0.6
    """Probability above which the teacher's class is taken for a pseudo-label."""
    synthetic: Share | Annotated[tuple[Share, ...], Field(min_length=1)] = 0.0
    """Share of each batch that is synthetic; or several, of which the best on validation is taken. With a 0 among them,
    an arm is free to do without."""
    synthetic_for: Literal["all", "short"] = "all"
    """Which classes' synthetic images: all, equally often; or those with fewer labelled images than the largest, as
    often as they are short of."""
    discriminator: bool = False
    """Take the GAN's own discriminator for the classifier, instead of training one: for a discriminator that tells
    classes (`auxiliary`, `classifier`), above all that of `sgan`. Nothing else may be set then."""

    @property
    def shares(self) -> tuple[float, ...]:
        """The shares of synthetic images to choose from, the smallest first."""
        return tuple(sorted(self.synthetic)) if isinstance(self.synthetic, tuple) else (self.synthetic,)

    @property
    def asks_discriminator(self) -> bool:
        """Whether it needs a discriminator that tells classes."""
        return self.discriminator or self.teacher != "ensemble"
