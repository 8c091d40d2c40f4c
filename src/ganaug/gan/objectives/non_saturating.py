"""The non-saturating objective (Goodfellow et al., Generative Adversarial Nets, 2014, section 3)."""

from torch import Tensor
from torch.nn.functional import softplus

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class NonSaturating(Objective):
    """D minimises −E log σ(D(x)) − E log(1 − σ(D(G(z)))); G minimises −E log σ(D(G(z))); D(·) are logits."""

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {
            "real": softplus(-critiques.real.realness).mean(),
            "fake": softplus(critiques.fake.realness).mean(),
        }

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {"fake": softplus(-critiques.fake.realness).mean()}
