"""Section `generate` of params.yaml."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from ganaug.core.config import plugin, settings
from ganaug.core.errors import InputError
from ganaug.data.source_images import SourceRule
from ganaug.synthesis.policies import Policy


@settings
class Generate:
    """How many synthetic images to make, and which candidates to keep."""

    per_class: PositiveInt | Literal["as_train"]
    """Synthetic images per class. A classifier sees all of them before any image repeats, so a large number keeps
    giving it new images, as in GaFi's dataset recycling (Lampis et al., 2023). Or "as_train": one stand-in for each
    training image of the class, in an order that does not reveal which image it replaces; attacks on this link are
    measured."""
    truncation: PositiveFloat = 1.0
    """Factor for the distance of latents from their centre (w if the network has one, otherwise z). 1 is as trained;
    smaller values give safer but less varied images, larger values more varied images. For pictures to look at,
    StyleGAN2 uses 0.5 to 0.7; for training images, GaFi (Lampis et al., 2023) gains from values above 1."""
    candidates_per_image: Annotated[float, Field(ge=1)] = 1.0
    """Candidates generated for each image that is kept, rounded up to whole candidates per class."""
    policy: Annotated[Policy, plugin("synthesis.policies")]
    """Which candidates are kept."""
    drop_copies: bool = False
    """Reject candidates that are closer to a training image than 95% of the validation images are. Even a generator
    that does not copy loses 5% of its images, most of them in classes whose images are very similar: this rule would
    reject 6% of new real digits, and 20% of new zeros. That is the price of protecting private training images."""
    sources: SourceRule = "other"
    """Which images an image-to-image network translates into a class: images of all other classes ("other"), of more
    common classes ("common": the more images a class has, the likelier, as in M2m by Kim et al., 2020) or of the same
    class ("same"); or images of another domain, of the same class or without a label ("other_domain", which needs
    `train_gan.other_domain_share`). Networks that start from noise ignore it."""
    k_same: Annotated[int, Field(ge=2)] | None = None
    """For stand-ins: translate means of at least this many training images, of one class and at least as many groups,
    instead of single images (Newton et al., Preserving privacy by de-identifying face images, 2005; k-SALSA uses 5);
    null: translate single images."""
    labels: Literal["hard", "soft"] = "hard"
    """Hard: the class that an image was generated for. Soft: class probabilities as well (probabilities.npy), from the
    ensemble member that has not seen the training image nearest to it."""

    @property
    def stand_ins(self) -> bool:
        """Whether each synthetic image replaces a training image."""
        return self.per_class == "as_train"

    def requested(self, real: Iterable[int]) -> list[int]:
        """Return how many images of each class are requested. real: training images per class."""
        return [count if self.per_class == "as_train" else self.per_class for count in real]

    def candidates(self, real: Iterable[int]) -> list[int]:
        """Return how many candidates of each class are generated. real: training images per class."""
        per_image = self.candidates_per_image
        return [ceil(round(count * per_image, 6)) for count in self.requested(real)]  # 10 × 1.1 is a little above 11

    def __post_init__(self) -> None:
        """Raise InputError for options that cannot be combined."""
        if self.k_same is not None and not self.stand_ins:
            raise InputError("k_same: only works for stand-ins; set per_class: as_train, or remove k_same")
        if self.stand_ins and self.sources == "other_domain":
            raise InputError(
                "sources: stand-ins stand for training images, so they are not made from another domain; set it to "
                "same, other or common, or give a number in per_class"
            )
        if self.policy.only_ranks and self.candidates_per_image == 1:
            raise InputError(
                "candidates_per_image: must be above 1 with this policy, which only ranks candidates: with as many "
                "candidates as images it would keep them all; set it to 4, for example, or use the policy 'none'"
            )
