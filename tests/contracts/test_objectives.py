"""What every adversarial objective promises; plug-ins are found by themselves."""

import pytest
import torch
from torch import Tensor, nn

from ganaug.core.plugins import available, build
from ganaug.gan.objectives import Critique, Critiques, Objective


@pytest.fixture(params=available("gan.objectives"))
def objective(request) -> Objective:
    return build("gan.objectives", {"name": request.param})


class Discriminator(nn.Module):
    """Evaluators 1×4×4 images, smoothly, so that penalties on gradients have something to penalise."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.realness, self.classes = nn.Linear(16, 8), nn.Linear(8, 1), nn.Linear(8, 3)

    def forward(self, images: Tensor) -> Critique:
        features = torch.tanh(self.hidden(images.flatten(1)))
        return Critique(self.realness(features).squeeze(1), features, self.classes(features))


@pytest.fixture
def players():
    """Return discriminator, generator, real images and latents."""
    torch.manual_seed(0)
    generator = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Unflatten(1, (1, 4, 4)))
    return Discriminator(), generator, torch.rand(6, 1, 4, 4) * 2 - 1, torch.randn(6, 3)


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


def test_the_generator_learns_with_a_discriminator_that_is_held_still(objective, players):
    discriminator, generator, real, z = players
    discriminator.requires_grad_(False)
    total(objective.generator_terms(Critiques(discriminator, real, generator(z)))).backward()
    assert gradients(generator) > 0
    assert all(parameter.grad.isfinite().all() for parameter in generator.parameters())


def test_images_are_left_as_they_were(objective, players):
    discriminator, generator, real, z = players
    fake = generator(z).detach()
    before = real.clone(), fake.clone()
    objective.discriminator_terms(Critiques(discriminator, real, fake))
    objective.generator_terms(Critiques(discriminator, real, fake))
    assert torch.equal(real, before[0])
    assert torch.equal(fake, before[1])


def mean_critic(sign: float):
    """Return a critic that finds bright images real (sign 1) or fake (sign −1)."""
    return lambda images: Critique(sign * images.mean(dim=(1, 2, 3)), images.flatten(1))


BRIGHT, DARK = torch.ones(4, 1, 2, 2), -torch.ones(4, 1, 2, 2)


def test_a_discriminator_that_is_right_pays_less_than_one_that_is_wrong(objective):
    right = total(objective.discriminator_terms(Critiques(mean_critic(1), BRIGHT, DARK)))
    wrong = total(objective.discriminator_terms(Critiques(mean_critic(-1), BRIGHT, DARK)))
    assert right < wrong


def test_a_generator_that_is_believed_pays_less_than_one_that_is_found_out(objective):
    found_out = total(objective.generator_terms(Critiques(mean_critic(1), BRIGHT, DARK)))
    believed = total(objective.generator_terms(Critiques(mean_critic(1), BRIGHT, BRIGHT)))
    assert believed < found_out


@pytest.mark.parametrize("sign", [-1000.0, 1000.0])
def test_a_very_sure_critic_breaks_nothing(objective, sign):
    real, fake = BRIGHT.clone(), DARK.clone().requires_grad_()
    terms = objective.discriminator_terms(Critiques(mean_critic(sign), real, fake))
    assert total(terms).isfinite()
    terms = objective.generator_terms(Critiques(mean_critic(sign), real, fake))
    total(terms).backward()
    assert fake.grad.isfinite().all()
