"""R3GAN, config E: its layers, what it leaves out, and its initial weights."""

import pytest
import torch
from recording import Recorded
from torch import Tensor, nn

from ganaug.core.errors import InputError
from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Shape
from ganaug.gan.networks.r3gan import R3Gan, _Activation, _Block, _conv

CLASSES = 3


def pair(height: int = 32, width: int | None = None, **options):
    network = R3Gan(**{"channels": 16, "z_dim": 6, "discriminator_conditioning": "none", **options})
    shape = Shape(3, height, width or height)
    return network.generator(shape, CLASSES), network.discriminator(shape, CLASSES)


def blocks(module: nn.Module) -> list[_Block]:
    return [one for one in module.modules() if isinstance(one, _Block)]


def condition(count: int) -> Tensor:
    return conditions(torch.arange(count) % CLASSES, CLASSES)


def test_nothing_is_normalised():
    """No batch norm, layer norm, …, neither as an operation nor by hand: nothing computes a deviation."""
    generator, discriminator = pair()
    with torch.no_grad(), Recorded() as recorded:
        discriminator(generator(torch.randn(4, 6), condition(4)), condition(4))
    forbidden = ("norm", "var", "std", "sqrt", "pow", "softmax")
    assert not [name for name in recorded.names for word in forbidden if word in name]
    assert "convolution" in recorded.names


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_the_only_biases_are_those_of_the_activations(player):
    """A bias in the head would never learn: it cancels in the paired difference of realness."""
    module = dict(zip(("generator", "discriminator"), pair(), strict=True))[player]
    biases = sum("bias" in name for name, _ in module.named_parameters())
    assert biases == sum(isinstance(one, _Activation) for one in module.modules()) == 2 * len(blocks(module))


@pytest.mark.parametrize(("size", "stages"), [(8, 2), (32, 4), (100, 5)])
def test_every_resolution_has_the_requested_number_of_blocks(size, stages):
    for module in pair(size, blocks=3):
        assert [len(stage) for stage in module.stages] == [3] * stages


def test_blocks_start_as_the_identity():
    for module in pair():
        for block in blocks(module):
            x = torch.randn(2, block.layers[0].in_channels, 5, 4)
            assert torch.equal(block(x), x)


def test_both_networks_start_linear():
    """All nonlinearities are inside blocks, which start as the identity."""
    generator, discriminator = pair(generator_conditioning="none")
    z, images = torch.randn(4, 6), torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        of_the_sum = generator(z + 2 * z.flip(0), condition(4))
        sum_of_images = generator(z, condition(4)) + 2 * generator(z.flip(0), condition(4))
        assert torch.allclose(of_the_sum, sum_of_images, atol=1e-4)
        features = discriminator(images, condition(4)).features
        both = discriminator(images - 3 * images.flip(0), condition(4)).features
        assert torch.allclose(both, features - 3 * features.flip(0), atol=1e-4)


def test_a_block_equals_a_direct_computation():
    """1×1 to twice the width, grouped 3×3, 1×1 back; bias and LeakyReLU of slope 0.2 after the first two."""
    block = _Block(4, R3Gan(channels=4, group=4), 1)
    expand, bias1, grouped, bias2, shrink = block.layers
    x = torch.randn(2, 4, 3, 3)

    def active(h: Tensor, bias: Tensor) -> Tensor:
        h = h + bias
        return torch.where(h > 0, h, 0.2 * h)

    with torch.no_grad():
        bias1.bias.normal_(), bias2.bias.normal_(), shrink.weight.normal_()
        h = active(torch.einsum("oi,nihw->nohw", expand.weight[:, :, 0, 0], x), bias1.bias)
        halves = [nn.functional.conv2d(h[:, part], grouped.weight[part], padding=1) for part in (slice(4), slice(4, 8))]
        h = active(torch.cat(halves, dim=1), bias2.bias)
        expected = x + torch.einsum("oi,nihw->nohw", shrink.weight[:, :, 0, 0], h)
        assert torch.allclose(block(x), expected, atol=1e-5)


@pytest.mark.parametrize(("channels", "group", "expected"), [(16, 16, 16), (16, 8, 8), (48, 16, 16), (4, 16, 8)])
def test_groups_have_the_requested_width_or_all_channels(channels, group, expected):
    for module in pair(8, channels=channels, group=group):
        block = module.stages[0 if module.stages[0][0].layers[0].in_channels == channels else -1][0]
        expand, _, grouped, _, shrink = block.layers
        assert (expand.in_channels, expand.out_channels, shrink.out_channels) == (channels, 2 * channels, channels)
        assert (expand.kernel_size, grouped.kernel_size, shrink.kernel_size) == ((1, 1), (3, 3), (1, 1))
        assert grouped.in_channels // grouped.groups == expected
        assert expand.groups == shrink.groups == 1


@pytest.mark.parametrize(
    ("channels", "group"),
    [
        (28, 16),  # 56 channels, 3 groups
        (22, 16),  # 44 channels, 2 groups at full resolution, but 88 channels, 5 groups at half
        (7, 16),  # a single group at first, but 56 channels, 3 groups at a quarter
    ],
)
def test_channels_that_do_not_fit_the_groups_at_some_resolution_are_rejected(channels, group):
    with pytest.raises(InputError, match="channels"):
        pair(channels=channels, group=group)


@pytest.mark.parametrize(("channels", "group"), [(48, 16), (16, 16), (8, 16), (4, 16), (20, 8), (3, 1)])
def test_channels_that_fit_the_groups_are_accepted(channels, group):
    generator, _ = pair(channels=channels, group=group)
    assert generator(torch.randn(2, 6), condition(2)).shape == (2, 3, 32, 32)


@pytest.mark.parametrize(("size", "depth"), [(8, 4), (32, 8)])
def test_initial_weights_shrink_with_the_number_of_blocks(size, depth):
    """He: √(2 / (1 + 0.2²)) / √fan-in; Fix-up for three layers and L blocks: times L^(−1 / 4)."""
    for module in pair(size, channels=64):
        for block in blocks(module):
            for layer in (block.layers[0], block.layers[2]):
                fan_in = layer.weight[0].numel()
                expected = (2 / 1.04) ** 0.5 * depth**-0.25 / fan_in**0.5
                assert layer.weight.std().item() == pytest.approx(expected, rel=0.05)
            assert (block.layers[4].weight == 0).all()


@pytest.mark.parametrize("depth", [1, 8])
def test_a_block_would_add_one_over_the_number_of_blocks_to_the_variance(depth):
    """If its last convolution did not start at 0.

    Starting from a mean square of 1, the first convolution gives 2/1.04 · L^−½ and LeakyReLU multiplies that by
    (1 + 0.2²)/2, which leaves L^−½; the second pair gives L^−1; the third convolution keeps it. At the border a 3×3
    convolution sees zeros, so only inner pixels count.
    """
    network = R3Gan(channels=128, group=128)
    block, x = _Block(128, network, depth), torch.randn(16, 128, 12, 12)
    block.layers[4] = _conv(256, 128, 1)
    with torch.no_grad():
        added = (block(x) - x)[..., 1:-1, 1:-1]
    assert added.square().mean().item() == pytest.approx(1 / depth, rel=0.15)


def test_layers_outside_the_blocks_preserve_the_variance():
    """First features, first pixels, last features: about 1 for inputs of variance 1. Resampling is left out."""
    generator, discriminator = pair(8, channels=128, generator_conditioning="none", z_dim=64)
    z, x = torch.randn(256, 64), torch.randn(256, 3, 8, 8)
    with torch.no_grad():
        start = generator.basis * generator.dense(z)[..., None, None]
        assert start.square().mean().item() == pytest.approx(1, rel=0.15)
        assert discriminator.image(x).square().mean().item() == pytest.approx(1, rel=0.3)  # only 3 · 128 weights
        deep = torch.randn(256, 256, 4, 4)
        assert discriminator.basis(deep).square().mean().item() == pytest.approx(1, rel=0.15)
        assert discriminator.widths[0](torch.randn(64, 128, 4, 4)).square().mean().item() == pytest.approx(1, rel=0.15)


def test_downsampling_weights_pixels_1_3_3_1():
    """Rows and columns each with (1, 3, 3, 1) / 8, away from the border."""
    _, discriminator = pair(16)
    seen = {}
    discriminator.stages[0].register_forward_hook(lambda _, __, out: seen.update(big=out))
    discriminator.widths[0].register_forward_pre_hook(lambda _, given: seen.update(small=given[0]))
    with torch.no_grad():
        discriminator(torch.randn(2, 3, 16, 16), condition(2))
    taps = torch.tensor([1.0, 3, 3, 1]) / 8
    assert seen["small"].shape[2:] == (8, 8)
    # pixels 1 to 4 give small pixel 1, which covers pixels 2 and 3; at the border the window leaves the image
    big = seen["big"][..., 1:, 1:].unfold(2, 4, 2).unfold(3, 4, 2)
    expected = torch.einsum("nchwij,i,j->nchw", big, taps, taps)
    assert torch.allclose(seen["small"][..., 1:-1, 1:-1], expected, atol=1e-5)


def test_upsampling_weights_pixels_1_3():
    """New pixels lie at a quarter between two old ones, away from the border."""
    generator, _ = pair(16)
    seen = {}
    generator.widths[0].register_forward_hook(lambda _, __, out: seen.update(small=out))
    generator.stages[1].register_forward_pre_hook(lambda _, given: seen.update(big=given[0]))
    with torch.no_grad():
        generator(torch.randn(2, 6), condition(2))
    small, big = seen["small"], seen["big"]
    assert big.shape[2:] == (8, 8)
    rows = (3 * small[:, :, 1:3] + small[:, :, 0:2]) / 4  # new rows 2 and 4: a quarter from old rows 1 and 2
    expected = (3 * rows[..., 1:3] + rows[..., 0:2]) / 4
    assert torch.allclose(big[:, :, 2:6:2, 2:6:2], expected, atol=1e-5)


def test_channels_double_up_to_four_times():
    generator, discriminator = pair(64)
    assert [stage[0].layers[0].in_channels for stage in discriminator.stages] == [16, 32, 64, 64, 64]
    assert [stage[0].layers[0].in_channels for stage in generator.stages] == [64, 64, 64, 32, 16]


def test_the_generator_starts_and_the_discriminator_ends_with_one_learned_map_per_channel():
    """Each about 4×4: times one number from z in the generator; reduced to one number in the discriminator."""
    generator, discriminator = pair(100, 64)
    assert generator.basis.shape == (64, 7, 4)
    assert (generator.dense.in_features, generator.dense.out_features) == (12, 64)  # 12: z and the class
    assert discriminator.basis.kernel_size == (6, 4)
    assert discriminator.basis.groups == 64


def test_images_are_not_bounded():
    """No tanh, as in the reference: values outside [−1, 1] are clipped later."""
    generator, _ = pair(8)
    with torch.no_grad():
        generator.image.weight.mul_(100)
        assert generator(torch.randn(8, 6), condition(8)).abs().max() > 2
