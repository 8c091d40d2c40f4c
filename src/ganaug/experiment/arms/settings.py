"""Section `train_classifier` of params.yaml, and the entries of section `arms`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from ganaug.classifier.oversampling import Oversampler
from ganaug.classifier.pseudo_labels import Teacher
from ganaug.classifier.settings import Training
from ganaug.core.config import plugin, settings
from ganaug.data.mixing import Mixing
from ganaug.data.transforms import Transforms


@settings
class TrainClassifier(Training):
    """How the classifiers of all arms are trained: with the same number of steps and images per step."""

    seeds: PositiveInt = 1
    """Classifiers per arm and replicate; every figure is their mean. More classifiers average out the randomness of
    training. Each costs one more training per arm, whereas one more replicate also costs a GAN."""


Share = Annotated[float, Field(ge=0, le=1)]


@settings
class Arm:
    """One entry of `arms`: what a classifier is trained on. `params.py` checks which options go together."""

    transforms: Transforms = Transforms()
    """Classical augmentation of every image of a batch, real and synthetic: torchvision transforms, in order."""
    mixing: Mixing | None = None
    """How the images of a batch are mixed after the transforms: `{name: MixUp, alpha: 0.2}` (Zhang et al., 2018), or
    CutMix (Yun et al., 2019)."""
    oversampling: Annotated[Oversampler, plugin("classifier.oversampling")] | None = None
    """How to fill up classes with few images without a GAN: `{name: smote}` or `{name: m2m}`. Null: not at all."""
    balanced: bool = False
    """Draw real images so that all classes are equally frequent, however many images each class has."""
    labels: PositiveInt | Literal["limited", "all"] = "limited"
    """Labelled real images: `limited`, the limited training set; a number per class, more than in the limited set; or
    `all`, the whole training pool. Arms with more labels show what additional labels bring; they are never the
    reference."""
    pseudo_labels: Share = 0.0
    """Share of each batch that comes from the unlabelled images of the pool, with pseudo-labels (Lee, 2013)."""
    teacher: Teacher = "ensemble"
    """Model that predicts the pseudo-labels: `ensemble`, trained on labelled images only; `discriminator`, which has
    also seen the unlabelled images and needs a class head (as for the option `discriminator`); or `both`, as their
    errors differ."""
    pseudo_label_threshold: Annotated[float, Field(ge=0, lt=1)] = 0.6
    """An image gets a pseudo-label if the teacher's probability of its most probable class is above this."""
    other_domain: Share = 0.0
    """Share of each batch that comes from another domain (`prepare.other_domain`), untranslated. Images without a label
    get a pseudo-label from the ensemble, as in `pseudo_labels`."""
    synthetic: Share | Annotated[tuple[Share, ...], Field(min_length=1)] = 0.0
    """Share of each batch that is synthetic; or several shares, of which the arm uses the best on validation. If 0 is
    in the list, the arm can do without synthetic images."""
    synthetic_for: Literal["all", "short"] = "all"
    """Which classes get synthetic images: `all`, equally often; or `short`, the classes with fewer labelled images than
    the largest class, in proportion to the difference."""
    synthetic_until: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Fraction of the steps after which real images replace synthetic ones: with 0.5, classifiers begin with both, or
    with synthetic images alone if `synthetic` is 1, and finish on real images."""
    discriminator: bool = False
    """Use the GAN's own discriminator as the classifier instead of training one. It needs a class head (`auxiliary` or
    `classifier`), and works best with `sgan`. No other option may be set then."""

    @property
    def synthetic_shares(self) -> tuple[float, ...]:
        """The shares of synthetic images to choose from, in ascending order."""
        return tuple(sorted(self.synthetic)) if isinstance(self.synthetic, tuple) else (self.synthetic,)

    @property
    def learns_from_further_images(self) -> bool:
        """Whether the arm learns from real images outside the labelled set, which an ensemble may have to label."""
        return self.pseudo_labels > 0 or self.other_domain > 0

    @property
    def uses_discriminator(self) -> bool:
        """Whether the arm needs a discriminator with a class head."""
        return self.discriminator or self.teacher != "ensemble"
