"""The hinge objective (Lim and Ye, Geometric GAN, 2017, eq. 5 and 6; Miyato et al., SNGAN, 2018, eq. 16 and 17)."""

from torch import Tensor
from torch.nn.functional import relu

from ganaug.core.config import settings
from ganaug.gan.objectives import Judged, Objective


@settings
class Hinge(Objective):
    """D minimises E max(0, 1 − D(x)) + E max(0, 1 + D(G(z))); G minimises −E D(G(z))."""

    def discriminator_terms(self, judged: Judged) -> dict[str, Tensor]:
        return {
            "real": relu(1 - judged.real.realness).mean(),
            "fake": relu(1 + judged.fake.realness).mean(),
        }

    def generator_terms(self, judged: Judged) -> dict[str, Tensor]:
        return {"fake": -judged.fake.realness.mean()}
