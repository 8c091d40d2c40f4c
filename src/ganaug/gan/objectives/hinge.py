"""The hinge objective (Lim and Ye, Geometric GAN, 2017, eq. 5 and 6; Miyato et al., SNGAN, 2018, eq. 16 and 17)."""

from torch import Tensor
from torch.nn.functional import relu

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class Hinge(Objective):
    """D minimises E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))); G minimises −E D(G(z))."""

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {
            "real": relu(1 - critiques.real.realness).mean(),
            "fake": relu(1 + critiques.fake.realness).mean(),
        }

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"fake": -critiques.fake.realness.mean()}
