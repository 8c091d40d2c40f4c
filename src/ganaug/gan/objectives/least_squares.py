"""The least-squares objective (Mao et al., Least Squares GAN, 2017, eq. 9: targets 0 for fake, 1 for real)."""

from torch import Tensor

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class LeastSquares(Objective):
    """D minimises ½E(D(x) − 1)² + ½E D(G(z))²; G minimises ½E(D(G(z)) − 1)².

    The paper's decision threshold is ½. Here D(·) = realness + ½, so that realness 0 is undecided, as for a logit.
    """

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {
            "real": (critiques.real.realness - 0.5).square().mean() / 2,
            "fake": (critiques.fake.realness + 0.5).square().mean() / 2,
        }

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"fake": (critiques.fake.realness - 0.5).square().mean() / 2}
