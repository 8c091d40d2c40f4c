"""PLUG-IN: adversarial objectives, one per file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from pydantic import NonNegativeFloat, PositiveInt

from ganaug.core.config import settings

if TYPE_CHECKING:
    from torch import Tensor


class Critique(NamedTuple):
    """A discriminator's outputs for N images."""

    realness: Tensor
    """(N,), or (N, P) for the P patches that a patch discriminator rates: logits, above 0 means real."""
    features: Tensor
    """(N, F), the inputs of the last layer."""
    class_logits: Tensor | None = None
    """(N, K), or None if the discriminator does not predict classes."""


Critic = Callable[["Tensor"], Critique]
"""Images (N, C, H, W) in [-1, 1] → Critique. Labels and DiffAugment are applied inside; objectives never see them."""


class Critiques:
    """Real and fake images (N, C, H, W) with their critiques, each computed once, on first use.

    source_images: the N images that an image-to-image generator translated into the fake ones; None for
    noise-to-image generators, and if some fake images are from a history.
    """

    def __init__(
        self, critic: Critic, real_images: Tensor, fake_images: Tensor, source_images: Tensor | None = None
    ) -> None:
        self.critic, self.real_images, self.fake_images = critic, real_images, fake_images
        self.source_images = source_images

    @classmethod
    def of(cls, real: Critique, fake: Critique, images: Tensor) -> Self:
        """Wrap critiques that have been computed already. images: (N, C, H, W), the images that they rate."""

        def computed(_: Tensor) -> Critique:
            raise ValueError("these critiques are computed already")

        made = cls(computed, images, images)
        made.real, made.fake = real, fake
        return made

    @cached_property
    def real(self) -> Critique:
        """Critique of the real images."""
        return self.critic(self.real_images)

    @cached_property
    def fake(self) -> Critique:
        """Critique of the fake images."""
        return self.critic(self.fake_images)


@settings
class Objective(ABC):
    """The losses of discriminator and generator, each a sum of named, weighted scalar terms.

    Terms are means over all realness values, so both shapes, (N,) and (N, P), work. Every objective can also have
    penalties on the discriminator (penalties.py); 0 turns a penalty off.
    """

    absolute: ClassVar[bool] = True
    """Whether realness 0 means undecided; if not, only differences in realness are meaningful."""
    discriminator_conditioning: ClassVar[str | None] = None
    """The only discriminator conditioning that the objective works with; None: any."""

    r1: NonNegativeFloat = 0.0
    """γ of R1, the squared gradient norm at real images. Mescheder et al. (2018): 10; R3GAN: 0.005 to 150, more for
    larger images."""
    r2: NonNegativeFloat = 0.0
    """γ of R2, the squared gradient norm at fake images."""
    gradient_penalty: NonNegativeFloat = 0.0
    """λ of the gradient penalty: between real and fake images, gradients should have norm 1. WGAN-GP: 10."""
    lecam: NonNegativeFloat = 0.0
    """λ of LeCam, which ties realness to moving averages of its past values. Tseng et al. (2021): 0.01 to 0.5."""
    consistency: NonNegativeFloat = 0.0
    """λ of consistency: two augmentations of a real image should get the same realness. Zhang et al. (2020): 10."""
    feature_matching: NonNegativeFloat = 0.0
    """λ of feature matching, for the generator: fake images should have the mean features of real ones in the
    discriminator (Salimans et al., 2016, section 3.1). DiscoGAN: 9. Each of several devices uses its own means."""
    penalty_every: PositiveInt = 1
    """Discriminator steps between uses of R1, R2 and the gradient penalty, whose weights are multiplied by this number
    (lazy regularisation). StyleGAN2: 16."""

    @classmethod
    def small(cls) -> Self:
        """Return the smallest sensible version, for tests."""
        return cls()

    @abstractmethod
    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        """Return the discriminator's terms; the fake images carry no gradient to the generator."""

    @abstractmethod
    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        """Return the generator's terms; relativistic objectives use the real images too."""

    def feature_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        """Return the generator's term of feature matching: the mean squared difference of mean features."""
        if not self.feature_matching:
            return {}
        difference = critiques.real.features.mean(dim=0) - critiques.fake.features.mean(dim=0)
        return {"features": self.feature_matching * difference.float().square().mean()}

    def needs_input_gradients(self, step: int) -> bool:
        """Return whether a penalty at this step needs the discriminator's gradient with respect to its images."""
        return step % self.penalty_every == 0 and any((self.r1, self.r2, self.gradient_penalty))
