"""CycleGAN: its terms by hand, its sizes, and its routes."""

import pytest
import torch

from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Shape, Source
from ganaug.gan.networks.cyclegan import Cyclegan

CLASSES = 3


def generator(size: int = 16, **options):
    return Cyclegan(**{"channels": 4, "blocks": 1} | options).generator(Shape(1, size, size), CLASSES)


def condition(*labels: int) -> torch.Tensor:
    return conditions(torch.tensor(labels), CLASSES)


def test_terms_by_hand(monkeypatch):
    """A generator that adds 0.1 per class index: only what was added on the way there is missing on the way back."""
    gan = generator(cycle=5.0, identity=2.5, cycle_noise=0.0)
    add = lambda z, wanted, source: source + 0.1 * wanted.argmax(1)[:, None, None, None]  # noqa: E731
    monkeypatch.setattr(gan, "forward", add)
    images, noise, wanted = torch.zeros(2, 1, 16, 16), torch.zeros(2, 0), condition(1, 1)
    terms = gan.own_terms(noise, wanted, Source(images, condition(0, 2)), gan(noise, wanted, images))
    # there: 0 + 0.1; back: + 0 for class 0, + 0.2 for class 2. To the own class: 0 and 0.2.
    assert terms["cycle"].item() == pytest.approx(5 * (0.1 + 0.3) / 2)
    assert terms["identity"].item() == pytest.approx(2.5 * (0.0 + 0.2) / 2)


def test_noise_is_added_before_the_way_back(monkeypatch):
    """Of an identity, the cycle misses the noise only: the mean of |N(0, 0.1²)| is 0.1 √(2/π)."""
    gan = generator(cycle=1.0, identity=0.0, cycle_noise=0.1)
    monkeypatch.setattr(gan, "forward", lambda z, wanted, source: source)
    images = torch.zeros(8, 1, 16, 16)
    (cycle,) = gan.own_terms(
        torch.zeros(8, 0), condition(*[0] * 8), Source(images, condition(*[1] * 8)), images
    ).values()
    assert cycle.item() == pytest.approx(0.1 * (2 / torch.pi) ** 0.5, rel=0.06)  # four standard errors


def test_a_class_has_a_generator_and_a_discriminator_of_its_own():
    source = torch.rand(2, 1, 16, 16)
    network = Cyclegan(channels=4, blocks=1)
    for module in (generator(), network.discriminator(Shape(1, 16, 16), CLASSES)):
        given = (torch.zeros(2, 0), condition(0, 0), source) if hasattr(module, "z_dim") else (source, condition(0, 0))
        out = module(*given)
        (out if isinstance(out, torch.Tensor) else out.realness).square().sum().backward()
        for name, parameter in module.named_parameters():
            gradient = parameter.grad.reshape(CLASSES, -1)
            assert gradient[1:].abs().sum() == 0, name


@pytest.mark.parametrize(("layers", "patches"), [(1, 6 * 6), (2, 2 * 2)])
def test_the_number_of_patches(layers, patches):
    """16 pixels: one halving to 8, or two to 4; each of two 4×4 convolutions takes one pixel off."""
    network = Cyclegan(channels=4, patch_layers=layers)
    critique = network.discriminator(Shape(1, 16, 16), CLASSES)(torch.zeros(2, 1, 16, 16), condition(0, 1))
    assert critique.realness.shape == (2, patches)


@pytest.mark.parametrize(("layers", "pixels"), [(1, 16), (2, 34), (3, 70)])
def test_patches_have_the_published_sizes(layers, pixels):
    network = Cyclegan(channels=1, patch_layers=layers)
    discriminator = network.discriminator(Shape(1, 128, 128), 1)
    for norm in discriminator.norms:
        norm.forward = lambda x: x  # instance norm sees the whole image
    images = torch.rand(1, 1, 128, 128, requires_grad=True)
    realness = discriminator(images, torch.ones(1, 1)).realness
    side = int(realness.shape[1] ** 0.5)
    realness[0, side * (side // 2) + side // 2].backward()
    rows = images.grad[0, 0].abs().sum(1).nonzero()
    assert rows.max() - rows.min() + 1 == pixels
