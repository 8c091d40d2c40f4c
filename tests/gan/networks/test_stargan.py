"""StarGAN: its terms, its patches and its depth."""

import pytest
import torch
from torch import nn

from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Shape, Source
from ganaug.gan.networks.stargan import Stargan

CLASSES = 3


def generator(size: int = 16, **options):
    return Stargan(**{"channels": 4, "blocks": 1} | options).generator(Shape(1, size, size), CLASSES)


def condition(*labels: int) -> torch.Tensor:
    return conditions(torch.tensor(labels), CLASSES)


def test_terms_by_hand(monkeypatch):
    """A generator that adds 0.1 per class index: only what was added on the way there is missing on the way back."""
    gan = generator(cycle=10.0, identity=2.5)
    add = lambda z, wanted, source: source + 0.1 * wanted.argmax(1)[:, None, None, None]  # noqa: E731
    monkeypatch.setattr(gan, "forward", add)
    images, noise = torch.zeros(2, 1, 16, 16), torch.zeros(2, 0)
    source = Source(images, condition(0, 2))
    wanted = condition(1, 1)
    terms = gan.own_terms(noise, wanted, source, gan(noise, wanted, images))
    # there: 0 + 0.1; back: + 0 for class 0, + 0.2 for class 2. To the own class: 0 and 0.2.
    assert terms["cycle"].item() == pytest.approx(10 * (0.1 + 0.3) / 2)
    assert terms["identity"].item() == pytest.approx(2.5 * (0.0 + 0.2) / 2)


def test_a_term_without_weight_costs_nothing():
    source = Source(torch.zeros(1, 1, 16, 16), condition(0))
    assert generator(cycle=0.0).own_terms(torch.zeros(1, 0), condition(1), source, source.images) == {}


@pytest.mark.parametrize("norm", ["instance", "layer"])
def test_the_class_matters_from_the_start_even_to_a_blank_image(norm):
    """Constant maps under instance norm survive only because images are padded with zeros, not by reflection."""
    gan, blank = generator(norm=norm), torch.full((1, 1, 16, 16), -1.0)
    images = [gan(torch.zeros(1, 0), condition(label), blank) for label in range(CLASSES)]
    assert (images[0] - images[1]).abs().mean() > 1e-3
    for module in gan.modules():
        if isinstance(module, nn.Conv2d) and norm == "instance":
            module.padding_mode = "reflect"
            module._reversed_padding_repeated_twice = [module.padding[0]] * 4
    reflected = [gan(torch.zeros(1, 0), condition(label), blank) for label in range(CLASSES)]
    assert norm == "layer" or (reflected[0] - reflected[1]).abs().max() < 1e-5


def test_layer_norm_lets_brightness_through():
    torch.manual_seed(1)
    plain, normalised = generator(norm="layer"), generator(norm="instance")
    source = torch.rand(1, 1, 16, 16) - 0.5
    for gan, passes in ((plain, True), (normalised, False)):
        gan.first[0].padding_mode = "circular"  # without a border, instance norm removes what is constant
        gan.first[0]._reversed_padding_repeated_twice = [3] * 4
        dark, bright = (gan(torch.zeros(1, 0), condition(0), source + shift) for shift in (0.0, 0.3))
        assert bool((dark - bright).abs().max() > 1e-5) == passes


@pytest.mark.parametrize(("size", "halvings", "patches"), [(8, 1, 4), (9, 1, 4), (16, 1, 4), (28, 1, 9), (128, 2, 4)])
def test_depth_follows_the_size(size, halvings, patches):
    """The generator stops at 8 pixels or after two halvings, the discriminator at 2×2 or 3×3 patches."""
    assert len(generator(size).down) == halvings
    discriminator = Stargan(channels=4).discriminator(Shape(1, size, size), CLASSES)
    assert discriminator(torch.zeros(2, 1, size, size), condition(0, 1)).realness.shape == (2, patches)


def test_noise_and_class_are_maps_of_their_own():
    assert generator(z_dim=5).first[0].in_channels == 1 + 5 + CLASSES
    assert generator(z_dim=5, generator_conditioning="none").first[0].in_channels == 1 + 5
