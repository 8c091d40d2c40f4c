"""The fully connected networks: layers, noise, weight norm, batch norm."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized

from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Shape
from ganaug.gan.networks.mlp import Mlp

POINTS = Shape(2, 1, 1)
COUNT, CLASSES = 2000, 3


def sizes(module: nn.Module) -> list[tuple[int, int]]:
    """Return (inputs, outputs) of the linear layers in `layers`."""
    return [(one.in_features, one.out_features) for one in module.layers if isinstance(one, nn.Linear)]


def run(discriminator: nn.Module, shape: Shape = POINTS):
    """Return the inputs of linear layers and outputs of activations for COUNT random points, and the critique."""
    seen = {}
    linears = [one for one in discriminator.modules() if isinstance(one, nn.Linear)]
    activations = [one for one in discriminator.modules() if isinstance(one, nn.LeakyReLU)]
    for index, one in enumerate(linears):
        one.register_forward_pre_hook(lambda _, given, index=index: seen.update({("into", index): given[0]}))
    for index, one in enumerate(activations):
        one.register_forward_hook(lambda _, __, out, index=index: seen.update({("out of", index): out}))
    points = torch.rand(COUNT, *shape) * 2 - 1
    seen["points"] = points.flatten(1)
    with torch.no_grad():
        critique = discriminator(points, conditions(torch.arange(COUNT) % CLASSES, CLASSES))
    return seen, critique


def test_works_for_points():
    network = Mlp(z_dim=4, hidden=16)
    condition = conditions(torch.tensor([0, 1, 2, 0, 1]), CLASSES)
    points = network.generator(POINTS, CLASSES)(torch.randn(5, 4), condition)
    assert points.shape == (5, 2, 1, 1)
    assert network.discriminator(POINTS, CLASSES)(points, condition).realness.shape == (5,)


def test_layers_have_the_requested_number_and_width():
    network = Mlp(z_dim=4, hidden=16, layers=2)
    assert sizes(network.generator(Shape(3, 5, 7), CLASSES)) == [(4 + 4, 16), (16, 16), (16, 105)]
    assert sizes(network.discriminator(Shape(3, 5, 7), CLASSES)) == [(105, 16), (16, 16)]


def test_the_discriminator_can_have_its_own_widths_and_slope():
    network = Mlp(z_dim=4, hidden=16, layers=2, discriminator_hidden=(20, 10, 5), slope=0.0)
    assert sizes(network.generator(Shape(3, 5, 7), CLASSES)) == [(4 + 4, 16), (16, 16), (16, 105)]
    discriminator = network.discriminator(Shape(3, 5, 7), CLASSES)
    assert sizes(discriminator) == [(105, 20), (20, 10), (10, 5)]
    assert [one.negative_slope for one in discriminator.layers if isinstance(one, nn.LeakyReLU)] == [0.0] * 3


def test_with_weight_norm_signals_keep_their_scale_through_all_layers():
    """With the variance of He et al., the mean square after each activation stays the same."""
    wide = Shape(8, 8, 8)
    network = Mlp(hidden=512, layers=4, weight_norm=True, slope=0.0, discriminator_conditioning="none")
    seen, _ = run(network.discriminator(wide, CLASSES), wide)
    squares = [seen["out of", index].square().mean().item() for index in range(4)]
    assert squares == pytest.approx([squares[0]] * 4, rel=0.2)


def test_without_conditioning_the_input_is_z_alone():
    network = Mlp(z_dim=4, hidden=16, layers=1, generator_conditioning="none")
    assert sizes(network.generator(POINTS, CLASSES)) == [(4, 16), (16, 2)]


def test_output_units_are_pixels_in_channel_row_column_order():
    generator = Mlp(z_dim=4, hidden=16).generator(Shape(2, 2, 3), 1)
    last = next(one for one in reversed(generator.layers) if isinstance(one, nn.Linear))
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.atanh(torch.arange(12) / 24))
    image = generator(torch.randn(1, 4), torch.ones(1, 1))
    assert torch.allclose(image.flatten() * 24, torch.arange(12.0), atol=1e-4)


def test_the_generator_ends_in_tanh_and_the_discriminators_default_slope_is_0_2():
    network = Mlp(hidden=16)
    generator, discriminator = network.generator(POINTS, CLASSES), network.discriminator(POINTS, CLASSES)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.mul_(30)
    points = generator(torch.randn(COUNT, 64), conditions(torch.arange(COUNT) % CLASSES, CLASSES))
    assert 0.99 < points.abs().max() <= 1
    slopes = [one.negative_slope for one in discriminator.modules() if isinstance(one, nn.LeakyReLU)]
    assert slopes == [0.2] * 3


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_noise_is_added_in_training_only(noise):
    discriminator = Mlp(hidden=16, noise=noise).discriminator(POINTS, CLASSES)
    points, condition = torch.rand(6, *POINTS), conditions(torch.arange(6) % CLASSES, CLASSES)

    def is_deterministic() -> bool:
        return torch.equal(discriminator(points, condition)[0], discriminator(points, condition)[0])

    assert is_deterministic() == (noise == 0)
    discriminator.eval()
    assert is_deterministic()


def test_every_layer_gets_noise_and_the_first_1_2_times_as_much():
    """As in Improved GAN: 0.3 on images in [0, 1], which is 0.6 on ours; 0.5 before every other layer, also the last.

    The standard error of the deviation of n = 2000 · 2 draws is 1 / √(2n) = 1.1%; five of it are allowed.
    """
    discriminator = Mlp(hidden=16, layers=2, noise=0.5, discriminator_conditioning="none").discriminator(
        POINTS, CLASSES
    )
    seen, _ = run(discriminator)
    assert (seen["into", 0] - seen["points"]).std() == pytest.approx(0.6, rel=0.056)
    assert (seen["into", 1] - seen["out of", 0]).std() == pytest.approx(0.5, rel=0.056)
    assert (seen["into", 2] - seen["out of", 1]).std() == pytest.approx(0.5, rel=0.056)
    assert ("into", 3) not in seen


def test_features_are_the_last_hidden_units_before_their_noise():
    """Feature matching uses these (Salimans et al.: the third layer from the end, as the second is noise)."""
    seen, critique = run(Mlp(hidden=16, layers=2, noise=0.5).discriminator(POINTS, CLASSES))
    assert torch.equal(critique.features, seen["out of", 1])


def test_weight_norm_separates_norm_and_direction_in_every_layer_of_the_discriminator():
    network = Mlp(hidden=16, weight_norm=True, discriminator_conditioning="auxiliary")
    discriminator = network.discriminator(POINTS, CLASSES)
    linears = [one for one in discriminator.modules() if isinstance(one, nn.Linear)]
    assert len(linears) == 3 + 2  # hidden; realness and class
    points, condition = torch.rand(6, *POINTS), conditions(torch.arange(6) % CLASSES, CLASSES)
    before = discriminator(points, condition)
    for one in linears:
        assert is_parametrized(one, "weight")
        norms, directions = one.parametrizations.weight.original0, one.parametrizations.weight.original1
        with torch.no_grad():
            directions.mul_(3)  # leaves the directions as they are
        assert torch.allclose(one.weight.norm(dim=1, keepdim=True), norms, rtol=1e-5)
    after = discriminator(points, condition)
    assert torch.allclose(after.realness, before.realness, atol=1e-5)
    assert torch.allclose(after.class_logits, before.class_logits, atol=1e-5)


def test_weight_norm_is_off_by_default_and_never_in_the_generator():
    plain, normed = Mlp(), Mlp(weight_norm=True)
    for module in (plain.discriminator(POINTS, CLASSES), normed.generator(POINTS, CLASSES)):
        assert not any(is_parametrized(one) for one in module.modules())


@pytest.mark.parametrize("batch_norm", [False, True])
def test_batch_norm_follows_the_generators_hidden_layers_if_requested(batch_norm):
    network = Mlp(hidden=16, layers=2, batch_norm=batch_norm)
    block = [nn.Linear, nn.BatchNorm1d, nn.ReLU] if batch_norm else [nn.Linear, nn.ReLU]
    generator, discriminator = network.generator(POINTS, CLASSES), network.discriminator(POINTS, CLASSES)
    assert [type(one) for one in generator.layers] == [*block, *block, nn.Linear, nn.Tanh, nn.Unflatten]
    assert not any(isinstance(one, nn.BatchNorm1d) for one in discriminator.modules())
