"""Penalties that keep the discriminator smooth, added to its objective.

Realness is (N,), or (N, P) from a patch discriminator. Gradient penalties take the gradient of an image's realness
summed over its patches; all other penalties average over images and patches alike.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from ganaug.gan.convolution import input_gradients_only
from ganaug.gan.objectives import Critic, Critiques, Objective

ANCHOR_DECAY = 0.99
"""Decay rate of LeCam's anchors, exponential moving averages of realness (Tseng et al., 2021)."""


def zero_centred(realness: Tensor, images: Tensor) -> Tensor:
    """Return ½ E‖∇D‖², a scalar: R1 on real images, R2 on fake ones (Mescheder et al., 2018, eq. 9 and 10).

    realness: (N,) or (N, P), computed from `images` (N, …), which must require gradients.
    """
    return _squared_gradient_norms(realness, images).mean() / 2


def one_centred(critic: Critic, real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """Return E(‖∇D(x̂)‖ − 1)², a scalar, at x̂ = share·real + (1 − share)·fake (Gulrajani et al., 2017, eq. 3).

    share: (N,) in [0, 1], one per pair of images.
    """
    between = torch.lerp(fake.detach().float(), real.detach(), share.view(-1, *[1] * (real.ndim - 1))).requires_grad_()
    norms = (_squared_gradient_norms(critic(between).realness, between) + 1e-12).sqrt()  # √ has no derivative at 0
    return (norms - 1).square().mean()


def lecam(real: Tensor, fake: Tensor, real_anchor: Tensor, fake_anchor: Tensor) -> Tensor:
    """Return E max(0, D(x) − a_fake)² + E max(0, a_real − D(G(z)))², a scalar (Tseng et al., 2021, eq. 3).

    real, fake: realness, (N,) or (N, P). The anchors are scalars: moving averages of past realness.
    """
    return relu(real - fake_anchor).square().mean() + relu(real_anchor - fake).square().mean()


class Penalties(nn.Module):
    """The penalties of an objective, with LeCam's anchors as buffers."""

    real_anchor: Tensor
    fake_anchor: Tensor

    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self.objective = objective
        self.register_buffer("real_anchor", torch.zeros(()))
        self.register_buffer("fake_anchor", torch.zeros(()))

    def forward(self, critiques: Critiques, step: int, uniform: Callable[[int], Tensor]) -> dict[str, Tensor]:
        """Return the penalties due at `step`, named and weighted.

        step: of the discriminator, counted from 0. uniform: draws (N,) random numbers in [0, 1). If
        `objective.needs_input_gradients(step)`, the real and fake images must require gradients.
        """
        weights, terms = self.objective, {}
        if weights.needs_input_gradients(step):
            every = weights.penalty_every
            if weights.r1:
                terms["r1"] = weights.r1 * every * zero_centred(critiques.real.realness, critiques.real_images)
            if weights.r2:
                terms["r2"] = weights.r2 * every * zero_centred(critiques.fake.realness, critiques.fake_images)
            if weights.gradient_penalty:
                share = uniform(len(critiques.real_images))
                penalty = one_centred(critiques.critic, critiques.real_images, critiques.fake_images, share)
                terms["gradient_penalty"] = weights.gradient_penalty * every * penalty
        if weights.lecam:
            real, fake = critiques.real.realness.float(), critiques.fake.realness.float()
            terms["lecam"] = weights.lecam * lecam(real, fake, self.real_anchor, self.fake_anchor)
            self.real_anchor.lerp_(real.detach().mean(), 1 - ANCHOR_DECAY)
            self.fake_anchor.lerp_(fake.detach().mean(), 1 - ANCHOR_DECAY)
        if weights.consistency:
            again = critiques.critic(critiques.real_images).realness
            terms["consistency"] = weights.consistency * (again - critiques.real.realness).square().mean()
        return terms


def _squared_gradient_norms(realness: Tensor, images: Tensor) -> Tensor:
    """Return ‖∇D‖² at each image, (N,)."""
    with input_gradients_only():
        (gradient,) = torch.autograd.grad(realness.float().sum(), images, create_graph=True)
    return gradient.flatten(1).square().sum(1)
