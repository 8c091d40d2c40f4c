"""The relativistic pairing objective with R1 and R2 (Huang et al., The GAN is dead; long live the GAN!, 2024)."""

from typing import ClassVar

from pydantic import NonNegativeFloat
from torch import Tensor
from torch.nn.functional import softplus

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class Relativistic(Objective):
    """D minimises E log(1 + exp(D(G(z)) − D(x))), G the same with D(G(z)) and D(x) swapped (section 2.1).

    Each fake image is paired with a real image of its class. R1 and R2 are part of the objective: without both,
    training diverges.
    """

    absolute: ClassVar[bool] = False

    r1: NonNegativeFloat = 1.0
    """γ of R1. R3GAN: 0.05 to 0.005 on CIFAR-10, 1 on stacked MNIST."""
    r2: NonNegativeFloat = 1.0
    """γ of R2. R3GAN: the same as for R1."""

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"pair": softplus(critiques.fake.realness - critiques.real.realness).mean()}

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"pair": softplus(critiques.real.realness - critiques.fake.realness).mean()}
