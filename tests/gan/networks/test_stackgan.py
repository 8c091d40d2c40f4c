"""StackGAN: views of an image, conditioning augmentation, ratings of pairs."""

from math import log

import pytest
import torch

from ganaug.gan.conditioning import conditions
from ganaug.gan.diffaugment import diffaugment
from ganaug.gan.networks import Shape
from ganaug.gan.networks.stackgan import Stackgan, divergence

SHAPE = Shape(3, 32, 32)


def network(**options):
    return Stackgan(**{"z_dim": 5, "condition_dim": 2, "channels": 4, "blocks": 1} | options)


def generated(chosen, shape=SHAPE, **options):
    torch.manual_seed(0)
    generator = chosen.generator(shape, 2)
    z = torch.randn(4, chosen.z_dim)
    condition = conditions(torch.tensor([0, 1, 0, 1]), 2)
    return generator, z, condition


@pytest.mark.parametrize(("side", "stages", "expected"), [(8, 3, 1), (16, 3, 2), (32, 3, 3), (64, 3, 3), (32, 1, 1)])
def test_the_first_of_up_to_three_stages_has_8_pixels_or_more(side, stages, expected):
    assert network(stages=stages).number_of_stages(Shape(1, side, side)) == expected


def test_views_are_averages_that_averaging_gives_back():
    images = torch.randn(2, 3, 32, 32)
    views = network().views(images)
    assert views.shape == (2, 9, 32, 32)
    assert torch.equal(views[:, :3], images)
    for level in (1, 2):
        pooled = torch.nn.functional.avg_pool2d(images, 2**level)
        view = views[:, 3 * level : 3 * level + 3]
        assert torch.allclose(torch.nn.functional.avg_pool2d(view, 2**level), pooled, atol=1e-6)
        assert torch.equal(view[..., 0, 0], view[..., 2**level - 1, 2**level - 1])


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_colours_of_all_views_change_alike(channels):
    images = torch.rand(4, channels, 32, 32) * 2 - 1
    views = network().views(images)
    augmented = diffaugment(views, ["color"], torch.Generator().manual_seed(0), channels=channels)
    assert torch.allclose(augmented, network().views(augmented[:, :channels]), atol=1e-5)
    alone = diffaugment(images, ["color"], torch.Generator().manual_seed(0))
    assert torch.allclose(augmented[:, :channels], alone, atol=1e-5)


def test_a_view_of_odd_size_averages_what_there_is():
    images = torch.arange(17.0).expand(1, 1, 17, 17)
    view = network().views(images)[:, 1]
    assert view[0, 0].tolist() == [0.5 + 2 * (column // 2) if column < 16 else 16 for column in range(17)]


def test_in_training_the_generator_makes_all_views_and_afterwards_the_last_image():
    generator, z, condition = generated(network())
    views = generator(z, condition)
    assert views.shape == (4, 9, 32, 32)
    for level in (1, 2):  # each pixel of a smaller image is repeated
        view = views[:, 3 * level : 3 * level + 3]
        blocks = view.unfold(2, 2**level, 2**level).unfold(3, 2**level, 2**level)
        assert torch.equal(blocks.amax(dim=(4, 5)), blocks.amin(dim=(4, 5)))
    assert generator.eval()(z, condition).shape == (4, 3, 32, 32)


def test_the_last_numbers_of_z_vary_the_condition():
    generator, z, condition = generated(network())
    generator.eval()
    mean, log_variance = generator.augment(condition)
    around = z.clone()
    around[:, 3:] = -mean.detach() / (log_variance.detach() / 2).exp()  # the embedding becomes 0
    other = around.clone()
    other_mean, other_variance = generator.augment(condition.flip(1))
    other[:, 3:] = -other_mean.detach() / (other_variance.detach() / 2).exp()
    assert torch.allclose(generator(around, condition), generator(other, condition.flip(1)), atol=1e-5)
    assert not torch.allclose(generator(z, condition), generator(z, condition.flip(1)), atol=1e-3)


def test_divergence_from_the_standard_normal():
    assert divergence(torch.zeros(3, 2), torch.zeros(3, 2)).item() == 0
    # ½ (μ² + σ² − 1 − log σ²) with μ = 1, σ² = 4, and 0 for the other number
    mean, log_variance = torch.tensor([[1.0, 0.0]]), torch.tensor([[log(4), 0.0]])
    assert divergence(mean, log_variance).item() == pytest.approx(0.5 * (1 + 4 - 1 - log(4)) / 2)


def test_the_generator_pays_for_the_divergence_of_its_conditions():
    generator, z, condition = generated(network(kl=3))
    terms = generator.own_terms(z, condition, None, generator(z, condition))
    assert list(terms) == ["divergence"]
    assert terms["divergence"].item() == pytest.approx(3 * divergence(*generator.augment(condition)).item())
    for options in ({"kl": 0}, {"generator_conditioning": "none"}):
        generator, z, condition = generated(network(**options))
        assert generator.own_terms(z, condition, None, generator(z, condition)) == {}


def test_images_and_their_views_get_the_same_ratings():
    chosen = network()
    torch.manual_seed(0)
    discriminator = chosen.discriminator(SHAPE, 2).eval()
    images, condition = torch.randn(4, *SHAPE), conditions(torch.tensor([0, 1, 0, 1]), 2)
    rated, again = (discriminator(given, condition) for given in (images, chosen.views(images)))
    assert rated.realness.shape == (4, 6)
    assert torch.allclose(rated.realness, again.realness, atol=1e-5)


def test_only_the_second_half_of_the_ratings_depends_on_the_condition():
    chosen = network()
    torch.manual_seed(0)
    discriminator = chosen.discriminator(SHAPE, 2).eval()
    images, condition = torch.randn(4, *SHAPE), conditions(torch.tensor([0, 1, 0, 1]), 2)
    one, other = (discriminator(images, given) for given in (condition, condition.flip(1)))
    assert torch.equal(one.realness[:, :3], other.realness[:, :3])
    assert (chosen.conditional(one).realness != chosen.conditional(other).realness).all()
    assert torch.equal(chosen.conditional(one).realness, one.realness[:, 3:])


def test_something_of_z_must_be_left_for_noise():
    with pytest.raises(Exception, match="z_dim: must be more than condition_dim"):
        Stackgan(z_dim=32, condition_dim=32)
