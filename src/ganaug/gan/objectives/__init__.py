"""PLUG-IN: one file an adversarial objective."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import NonNegativeFloat, PositiveInt

from ganaug.core.config import settings

if TYPE_CHECKING:
    from torch import Tensor


class Critique(NamedTuple):
    """What a discriminator says of N images."""

    realness: Tensor
    """(N,), a logit: above 0 is real."""
    features: Tensor
    """(N, F), what the last layer saw."""
    class_logits: Tensor | None = None
    """(N, K) or None: which class, where the discriminator tells."""


Critic = Callable[["Tensor"], Critique]
"""Images (N, C, H, W) in [-1, 1] → Critique. Labels and DiffAugment are inside: an objective never sees them."""


class Critiques:
    """Real and fake images (N, C, H, W) and what the critic says of them: asked once, and only if somebody wants it."""

    def __init__(self, critic: Critic, real_images: Tensor, fake_images: Tensor) -> None:
        self.critic, self.real_images, self.fake_images = critic, real_images, fake_images

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
    """What discriminator and generator minimise: the sum of named, weighted terms, each a scalar.

    Every objective can carry the discriminator's penalties, which are in `penalties.py`; 0 leaves one out.
    """

    absolute: ClassVar[bool] = True
    """Whether realness 0 is undecided; else only differences of realness mean something."""
    discriminator_conditioning: ClassVar[str | None] = None
    """The only conditioning of the discriminator that the objective works with; None: any."""

    r1: NonNegativeFloat = 0.0
    """γ of R1, the gradient at real images. Mescheder et al. (2018): 10; R3GAN: 0.005 to 150, more for
    larger images."""
    r2: NonNegativeFloat = 0.0
    """γ of R2, the gradient at fake images."""
    gradient_penalty: NonNegativeFloat = 0.0
    """λ of the penalty for gradients whose length is not 1 between real and fake images. WGAN-GP: 10."""
    lecam: NonNegativeFloat = 0.0
    """λ of LeCam, which anchors the discriminator at its own past outputs. Tseng et al. (2021): 0.01 to 0.5."""
    consistency: NonNegativeFloat = 0.0
    """λ of consistency: two augmentations of a real image are to be equally real. Zhang et al. (2020): 10."""
    penalty_every: PositiveInt = 1
    """Steps between two uses of R1, R2 and the gradient penalty, which then weigh as many times more. StyleGAN2: 16."""

    @abstractmethod
    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        """Return the discriminator's terms; the fake images carry no gradient to the generator."""

    @abstractmethod
    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        """Return the generator's terms; relativistic objectives look at the real images too."""

    def needs_input_gradients(self, step: int) -> bool:
        """Tell whether a penalty of this step needs the discriminator's gradient at its images."""
        return step % self.penalty_every == 0 and any((self.r1, self.r2, self.gradient_penalty))
