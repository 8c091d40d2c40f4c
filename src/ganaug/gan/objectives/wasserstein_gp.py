"""The Wasserstein objective with gradient penalty (Gulrajani et al., Improved Training of Wasserstein GANs, 2017)."""

from typing import ClassVar

from pydantic import PositiveFloat
from torch import Tensor

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class WassersteinGp(Objective):
    """The critic minimises E D(G(z)) − E D(x) and its gradient penalty (eq. 3); G minimises −E D(G(z)).

    The paper trains the critic for 5 steps per generator step, and uses no batch norm in it.
    """

    absolute: ClassVar[bool] = False

    gradient_penalty: PositiveFloat = 10.0
    """λ of the gradient penalty, which keeps the critic close to 1-Lipschitz. The paper: 10."""

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"real": -critiques.real.realness.mean(), "fake": critiques.fake.realness.mean()}

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"fake": -critiques.fake.realness.mean()}
