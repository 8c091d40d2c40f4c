"""The original, saturating objective (Goodfellow et al., Generative Adversarial Nets, 2014, eq. 1)."""

from torch import Tensor
from torch.nn.functional import softplus

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class Minimax(Objective):
    """D minimises −E log σ(D(x)) − E log(1 − σ(D(G(z)))); G minimises E log(1 − σ(D(G(z)))); D(·) are logits.

    The generator's gradient vanishes where the discriminator rejects its images; `non_saturating` fixes that.
    """

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {
            "real": softplus(-critiques.real.realness).mean(),
            "fake": softplus(critiques.fake.realness).mean(),
        }

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"fake": -softplus(critiques.fake.realness).mean()}
