"""The semi-supervised objective (Salimans et al., Improved Techniques for Training GANs, 2016, sections 3.1 and 5)."""

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class Sgan(Objective):
    """D is a classifier of K classes whose class K + 1, fake, has the logit 0; G matches D's mean features.

    Then D(x) = σ(log Σ exp class logits), which the discriminator conditioning `classifier` gives as realness. The
    labelled images' cross-entropy comes on top, with `train_gan.class_weights.real`.
    """

    discriminator_conditioning: ClassVar[str | None] = "classifier"

    def discriminator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        return {
            "real": softplus(-critiques.real.realness).mean(),
            "fake": softplus(critiques.fake.realness).mean(),
        }

    def generator_terms(self, critiques: Critiques) -> dict[str, Tensor]:
        difference = critiques.real.features.detach().mean(0) - critiques.fake.features.mean(0)
        return {"features": difference.square().mean()}
