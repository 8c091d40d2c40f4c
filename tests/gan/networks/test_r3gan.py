"""R3GAN, config E: what it has, what it has not, and how it starts."""

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
    """No batch norm, layer norm, …, by operations of their own or by hand: nobody asks for a deviation."""
    generator, discriminator = pair()
    with torch.no_grad(), Recorded() as recorded:
        discriminator(generator(torch.randn(4, 6), condition(4)), condition(4))
    forbidden = ("norm", "var", "std", "sqrt", "pow", "softmax")
    assert not [name for name in recorded.names for word in forbidden if word in name]
    assert "convolution" in recorded.names


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_there_are_no_biases_but_those_of_the_activations(player):
    """One in the head would never learn: the paired difference of realness takes it out again."""
    module = dict(zip(("generator", "discriminator"), pair(), strict=True))[player]
    biases = sum("bias" in name for name, _ in module.named_parameters())
    assert biases == sum(isinstance(one, _Activation) for one in module.modules()) == 2 * len(blocks(module))


@pytest.mark.parametrize(("size", "stages"), [(8, 2), (32, 4), (100, 5)])
def test_every_resolution_has_its_blocks(size, stages):
    for module in pair(size, blocks=3):
        assert [len(stage) for stage in module.stages] == [3] * stages


def test_blocks_start_as_the_identity():
    for module in pair():
        for block in blocks(module):
            x = torch.randn(2, block.layers[0].in_channels, 5, 4)
            assert torch.equal(block(x), x)


def test_both_networks_start_linear():
    """All that is not linear is inside blocks, which start as the identity."""
    generator, discriminator = pair(generator_conditioning="none")
    z, images = torch.randn(4, 6), torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        doubled = generator(z + 2 * z.flip(0), condition(4))
        images_of_both = generator(z, condition(4)) + 2 * generator(z.flip(0), condition(4))
        assert torch.allclose(doubled, images_of_both, atol=1e-4)
        features = discriminator(images, condition(4)).features
        both = discriminator(images - 3 * images.flip(0), condition(4)).features
        assert torch.allclose(both, features - 3 * features.flip(0), atol=1e-4)


def test_a_block_the_slow_way():
    """1×1 up to twice the width, grouped 3×3, 1×1 back; bias and LeakyReLU of slope 0.2 after the first two."""
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
        wanted = x + torch.einsum("oi,nihw->nohw", shrink.weight[:, :, 0, 0], h)
        assert torch.allclose(block(x), wanted, atol=1e-5)


@pytest.mark.parametrize(("channels", "group", "wanted"), [(16, 16, 16), (16, 8, 8), (48, 16, 16), (4, 16, 8)])
def test_groups_have_the_width_asked_for_or_all_channels(channels, group, wanted):
    for module in pair(8, channels=channels, group=group):
        block = module.stages[0 if module.stages[0][0].layers[0].in_channels == channels else -1][0]
        expand, _, grouped, _, shrink = block.layers
        assert (expand.in_channels, expand.out_channels, shrink.out_channels) == (channels, 2 * channels, channels)
        assert (expand.kernel_size, grouped.kernel_size, shrink.kernel_size) == ((1, 1), (3, 3), (1, 1))
        assert grouped.in_channels // grouped.groups == wanted
        assert expand.groups == shrink.groups == 1


@pytest.mark.parametrize(
    ("channels", "group"),
    [
        (28, 16),  # 56 channels in 3 groups
        (22, 16),  # 44 in 2 at full resolution, but 88 in 5 at half
        (7, 16),  # all in one group at first, but 56 in 3 at a quarter
    ],
)
def test_channels_that_do_not_fit_the_groups_at_some_resolution_are_refused_when_params_are_read(channels, group):
    with pytest.raises(InputError, match="channels"):
        pair(channels=channels, group=group)


@pytest.mark.parametrize(("channels", "group"), [(48, 16), (16, 16), (8, 16), (4, 16), (20, 8), (3, 1)])
def test_channels_that_fit_the_groups_are_taken(channels, group):
    generator, _ = pair(channels=channels, group=group)
    assert generator(torch.randn(2, 6), condition(2)).shape == (2, 3, 32, 32)


@pytest.mark.parametrize(("size", "blocks_in_all"), [(8, 4), (32, 8)])
def test_weights_start_smaller_the_more_blocks_there_are(size, blocks_in_all):
    """He: √(2 / (1 + 0.2²)) / √fan-in; Fix-up for three layers and L blocks: times L^(−1 / 4)."""
    for module in pair(size, channels=64):
        for block in blocks(module):
            for layer in (block.layers[0], block.layers[2]):
                fan_in = layer.weight[0].numel()
                wanted = (2 / 1.04) ** 0.5 * blocks_in_all**-0.25 / fan_in**0.5
                assert layer.weight.std().item() == pytest.approx(wanted, rel=0.05)
            assert (block.layers[4].weight == 0).all()


@pytest.mark.parametrize("depth", [1, 8])
def test_a_blocks_share_of_the_variance_is_one_over_the_number_of_blocks(depth):
    """If the last convolution started as any other.

    Mean squares, from 1 on: the first convolution makes 2/1.04 · L^−½ of it, LeakyReLU (1 + 0.2²)/2 of that, L^−½; the
    second pair makes L^−1 of that; the third convolution keeps it. At the border a 3×3 convolution sees zeros, so only
    the inner pixels count.
    """
    network = R3Gan(channels=128, group=128)
    block, x = _Block(128, network, depth), torch.randn(16, 128, 12, 12)
    block.layers[4] = _conv(256, 128, 1)
    with torch.no_grad():
        added = (block(x) - x)[..., 1:-1, 1:-1]
    assert added.square().mean().item() == pytest.approx(1 / depth, rel=0.15)


def test_what_is_outside_the_blocks_keeps_the_variance():
    """First features, first pixels, last features: about 1 for inputs of variance 1. Resizing smooths, as it must."""
    generator, discriminator = pair(8, channels=128, generator_conditioning="none", z_dim=64)
    z, x = torch.randn(256, 64), torch.randn(256, 3, 8, 8)
    with torch.no_grad():
        start = generator.basis * generator.dense(z)[..., None, None]
        assert start.square().mean().item() == pytest.approx(1, rel=0.15)
        assert discriminator.image(x).square().mean().item() == pytest.approx(1, rel=0.3)  # only 3 · 128 weights
        deep = torch.randn(256, 256, 4, 4)
        assert discriminator.basis(deep).square().mean().item() == pytest.approx(1, rel=0.15)
        assert discriminator.widths[0](torch.randn(64, 128, 4, 4)).square().mean().item() == pytest.approx(1, rel=0.15)


def test_downsampling_weighs_pixels_one_three_three_one():
    """Rows and columns each with (1, 3, 3, 1) / 8, away from the border."""
    _, discriminator = pair(16)
    seen = {}
    discriminator.stages[0].register_forward_hook(lambda _, __, out: seen.update(big=out))
    discriminator.widths[0].register_forward_pre_hook(lambda _, given: seen.update(small=given[0]))
    with torch.no_grad():
        discriminator(torch.randn(2, 3, 16, 16), condition(2))
    taps = torch.tensor([1.0, 3, 3, 1]) / 8
    assert seen["small"].shape[2:] == (8, 8)
    # the window of pixels 1 to 4 makes small pixel 1, which covers pixels 2 and 3; at the border the window leaves it
    big = seen["big"][..., 1:, 1:].unfold(2, 4, 2).unfold(3, 4, 2)
    wanted = torch.einsum("nchwij,i,j->nchw", big, taps, taps)
    assert torch.allclose(seen["small"][..., 1:-1, 1:-1], wanted, atol=1e-5)


def test_upsampling_weighs_pixels_one_three():
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
    wanted = (3 * rows[..., 1:3] + rows[..., 0:2]) / 4
    assert torch.allclose(big[:, :, 2:6:2, 2:6:2], wanted, atol=1e-5)


def test_widths_double_up_to_four_times():
    generator, discriminator = pair(64)
    assert [stage[0].layers[0].in_channels for stage in discriminator.stages] == [16, 32, 64, 64, 64]
    assert [stage[0].layers[0].in_channels for stage in generator.stages] == [64, 64, 64, 32, 16]


def test_the_start_is_a_learned_picture_for_each_input_and_the_end_its_mirror():
    """4×4 (or as it comes) numbers a channel, times one number from z; and one number a channel of 4×4."""
    generator, discriminator = pair(100, 64)
    assert generator.basis.shape == (64, 7, 4)
    assert (generator.dense.in_features, generator.dense.out_features) == (12, 64)  # 12: z and the class
    assert discriminator.basis.kernel_size == (6, 4)
    assert discriminator.basis.groups == 64


def test_images_are_not_bounded():
    """As in the reference, no tanh: what lies outside [−1, 1] is cut off by whoever shows it."""
    generator, _ = pair(8)
    with torch.no_grad():
        generator.image.weight.mul_(100)
        assert generator(torch.randn(8, 6), condition(8)).abs().max() > 2
