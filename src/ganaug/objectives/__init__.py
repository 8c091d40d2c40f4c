"""PLUG-IN: one file an adversarial objective."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

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


class Objective(ABC):
    """What discriminator and generator minimise: the sum of named, weighted terms, each a scalar."""

    @abstractmethod
    def discriminator_terms(self, critic: Critic, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Return the discriminator's terms; `fake` carries no gradient to the generator."""

    @abstractmethod
    def generator_terms(self, critic: Critic, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Return the generator's terms; relativistic objectives look at `real` too."""
