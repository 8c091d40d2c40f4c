"""The semi-supervised objective (Salimans et al., Improved Techniques for Training GANs, 2016, sections 3.1 and 5)."""

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import softplus

from ganaug.core.config import settings
from ganaug.gan.objectives import Critiques, Objective


@settings
class Sgan(Objective):
    """D is a classifier of K classes plus fake, whose logit is 0; G matches the mean of D's features.

    So D(x) = σ(log Σ exp class logits); the discriminator conditioning `classifier` returns that logit as realness. The
    cross-entropy of labelled images is added with the weight `train_gan.class_weights.real`.
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
