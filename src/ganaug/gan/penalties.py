"""What a discriminator pays beside its objective, to stay smooth and calm."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from ganaug.gan.objectives import Critic, Critiques, Objective

ANCHOR_DECAY = 0.99
"""What LeCam's anchors keep of the past in each step (Tseng et al., 2021)."""


def zero_centred(realness: Tensor, images: Tensor) -> Tensor:
    """Return ½ E‖∇D‖², a scalar: R1 of real images, R2 of fake ones (Mescheder et al., 2018, eq. 9 and 10).

    realness: (N,), made from `images` (N, …), which carry gradients.
    """
    return _squared_lengths(realness, images).mean() / 2


def one_centred(critic: Critic, real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """Return E(‖∇D(x̂)‖ − 1)², a scalar, at x̂ = share·real + (1 − share)·fake (Gulrajani et al., 2017, eq. 3).

    share: (N,) in [0, 1], one for each pair of images.
    """
    between = torch.lerp(fake.detach().float(), real.detach(), share.view(-1, *[1] * (real.ndim - 1))).requires_grad_()
    lengths = (_squared_lengths(critic(between).realness, between) + 1e-12).sqrt()  # √ has no slope at 0
    return (lengths - 1).square().mean()


def lecam(real: Tensor, fake: Tensor, real_anchor: Tensor, fake_anchor: Tensor) -> Tensor:
    """Return E max(0, D(x) − a_fake)² + E max(0, a_real − D(G(z)))², a scalar (Tseng et al., 2021, eq. 3).

    real, fake: realness (N,). The anchors are averages of past realness.
    """
    return relu(real - fake_anchor).square().mean() + relu(real_anchor - fake).square().mean()


class Penalties(nn.Module):
    """The penalties of one objective, and the anchors that LeCam remembers from step to step."""

    real_anchor: Tensor
    fake_anchor: Tensor

    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self.objective = objective
        self.register_buffer("real_anchor", torch.zeros(()))
        self.register_buffer("fake_anchor", torch.zeros(()))

    def forward(self, critiques: Critiques, step: int, uniform: Callable[[int], Tensor]) -> dict[str, Tensor]:
        """Return the penalties that are due at `step`, named and weighted.

        uniform: gives (N,) random shares in [0, 1). If `objective.needs_input_gradients(step)`, real and fake images
        must carry gradients.
        """
        has, terms = self.objective, {}
        if has.needs_input_gradients(step):
            if has.r1:
                terms["r1"] = has.r1 * has.penalty_every * zero_centred(critiques.real.realness, critiques.real_images)
            if has.r2:
                terms["r2"] = has.r2 * has.penalty_every * zero_centred(critiques.fake.realness, critiques.fake_images)
            if has.gradient_penalty:
                share = uniform(len(critiques.real_images))
                penalty = one_centred(critiques.critic, critiques.real_images, critiques.fake_images, share)
                terms["gradient_penalty"] = has.gradient_penalty * has.penalty_every * penalty
        if has.lecam:
            real, fake = critiques.real.realness.float(), critiques.fake.realness.float()
            terms["lecam"] = has.lecam * lecam(real, fake, self.real_anchor, self.fake_anchor)
            self.real_anchor.lerp_(real.detach().mean(), 1 - ANCHOR_DECAY)
            self.fake_anchor.lerp_(fake.detach().mean(), 1 - ANCHOR_DECAY)
        if has.consistency:
            again = critiques.critic(critiques.real_images).realness
            terms["consistency"] = has.consistency * (again - critiques.real.realness).square().mean()
        return terms


def _squared_lengths(realness: Tensor, images: Tensor) -> Tensor:
    """(N,): ‖∇D‖² at each image."""
    (gradient,) = torch.autograd.grad(realness.float().sum(), images, create_graph=True)
    return gradient.flatten(1).square().sum(1)
