"""The contract of every adversarial objective; plug-ins are discovered automatically."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from ganaug.core.plugins import available, find
from ganaug.gan.objectives import Critic, Critique, Critiques, Objective
from ganaug.gan.penalties import Penalties


@pytest.fixture(params=available("gan.objectives"))
def objective(request) -> Objective:
    return find("gan.objectives", request.param).small()


class Discriminator(nn.Module):
    """A smooth discriminator of 1×4×4 images; patches: P for realness (N, P), None for realness (N,)."""

    def __init__(self, patches: int | None) -> None:
        super().__init__()
        self.patches = patches
        self.hidden, self.realness, self.classes = nn.Linear(16, 8), nn.Linear(8, patches or 1), nn.Linear(8, 3)

    def forward(self, images: Tensor) -> Critique:
        features = torch.tanh(self.hidden(images.flatten(1)))
        realness = self.realness(features)
        return Critique(realness if self.patches else realness.squeeze(1), features, self.classes(features))


@pytest.fixture(params=[None, 4], ids=["whole image", "patches"])
def players(request):
    """Return discriminator, generator, real images and latents."""
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Unflatten(1, (1, 4, 4)))
    return Discriminator(request.param), generator, torch.rand(6, 1, 4, 4) * 2 - 1, torch.randn(6, 3)


def total(terms: dict[str, Tensor]) -> Tensor:
    return torch.stack(list(terms.values())).sum()


def gradients(module: nn.Module) -> float:
    return sum(parameter.grad.abs().sum().item() for parameter in module.parameters() if parameter.grad is not None)


def test_terms_are_named_finite_scalars(objective, players):
    discriminator, generator, real, z = players
    for terms in (
        objective.discriminator_terms(Critiques(discriminator, real, generator(z).detach())),
        objective.generator_terms(Critiques(discriminator, real, generator(z))),
    ):
        assert terms
        for name, term in terms.items():
            assert name.isidentifier()
            assert term.ndim == 0
            assert term.isfinite()


def test_the_discriminator_learns_from_detached_fakes_and_the_generator_does_not(objective, players):
    discriminator, generator, real, z = players
    total(objective.discriminator_terms(Critiques(discriminator, real, generator(z).detach()))).backward()
    assert gradients(discriminator) > 0
    assert all(parameter.grad is None for parameter in generator.parameters())


def test_the_generator_learns_from_a_frozen_discriminator(objective, players):
    discriminator, generator, real, z = players
    discriminator.requires_grad_(False)
    total(objective.generator_terms(Critiques(discriminator, real, generator(z)))).backward()
    assert gradients(generator) > 0
    assert all(parameter.grad.isfinite().all() for parameter in generator.parameters())


def test_images_are_not_modified(objective, players):
    discriminator, generator, real, z = players
    fake = generator(z).detach()
    before = real.clone(), fake.clone()
    objective.discriminator_terms(Critiques(discriminator, real, fake))
    objective.generator_terms(Critiques(discriminator, real, fake))
    assert torch.equal(real, before[0])
    assert torch.equal(fake, before[1])


def mean_critic(sign: float):
    """Return a critic that rates bright images as real (sign 1) or as fake (sign −1)."""
    return lambda images: Critique(sign * images.mean(dim=(1, 2, 3)), images.flatten(1))


BRIGHT, DARK = torch.ones(4, 1, 2, 2), -torch.ones(4, 1, 2, 2)


def test_a_correct_discriminator_has_a_lower_loss_than_a_wrong_one(objective):
    right = total(objective.discriminator_terms(Critiques(mean_critic(1), BRIGHT, DARK)))
    wrong = total(objective.discriminator_terms(Critiques(mean_critic(-1), BRIGHT, DARK)))
    assert right < wrong


def test_a_generator_that_fools_the_discriminator_has_a_lower_loss(objective):
    detected = total(objective.generator_terms(Critiques(mean_critic(1), BRIGHT, DARK)))
    fooling = total(objective.generator_terms(Critiques(mean_critic(1), BRIGHT, BRIGHT)))
    assert fooling < detected


@pytest.mark.parametrize("sign", [-1000.0, 1000.0])
def test_extreme_logits_give_finite_terms_and_gradients(objective, sign):
    real, fake = BRIGHT.clone(), DARK.clone().requires_grad_()
    terms = objective.discriminator_terms(Critiques(mean_critic(sign), real, fake))
    assert total(terms).isfinite()
    terms = objective.generator_terms(Critiques(mean_critic(sign), real, fake))
    total(terms).backward()
    assert fake.grad.isfinite().all()


def as_patches(critic: Critic, count: int) -> Critic:
    """Return a critic that gives every one of `count` patches the realness of the whole image."""

    def patches(images: Tensor) -> Critique:
        critique = critic(images)
        return critique._replace(realness=critique.realness[:, None].expand(-1, count))

    return patches


@pytest.mark.parametrize("count", [1, 5])
def test_equal_patches_give_the_terms_of_the_whole_image(objective, count):
    torch.manual_seed(0)
    critic, real, fake = Discriminator(None), torch.rand(6, 1, 4, 4), torch.rand(6, 1, 4, 4)
    for terms in (objective.discriminator_terms, objective.generator_terms):
        whole, patched = (terms(Critiques(one, real, fake)) for one in (critic, as_patches(critic, count)))
        assert list(whole) == list(patched)
        for name, term in whole.items():
            assert patched[name].item() == pytest.approx(term.item(), rel=1e-5)


def test_a_single_patch_gives_the_penalties_of_the_whole_image(objective):
    torch.manual_seed(0)
    critic, real, fake = Discriminator(None), torch.rand(6, 1, 4, 4), torch.rand(6, 1, 4, 4)
    everything = {"r1": 1.0, "r2": 1.0, "gradient_penalty": 1.0, "lecam": 1.0, "consistency": 1.0}
    chosen = replace(objective, **everything)
    whole, patched = (
        Penalties(chosen)(
            Critiques(one, real.clone().requires_grad_(), fake.clone().requires_grad_()),
            0,
            lambda count: torch.full((count,), 0.3),
        )
        for one in (critic, as_patches(critic, 1))
    )
    assert list(whole) == list(patched) == list(everything)
    for name, term in whole.items():
        assert patched[name].item() == pytest.approx(term.item(), rel=1e-5)


def test_source_images_are_at_hand_and_optional():
    real, fake, source = torch.rand(3, 2, 1, 4, 4).unbind()
    assert Critiques(mean_critic(1), real, fake).source_images is None
    assert Critiques(mean_critic(1), real, fake, source).source_images is source
