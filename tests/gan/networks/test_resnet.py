"""The residual networks: spectral norm, projection, conditional batch norm, attention."""

from math import log, sqrt

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, interpolate, relu
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.parametrize import is_parametrized

from ganaug.gan.conditioning import ConditionalBatchNorm, conditions
from ganaug.gan.networks import Shape
from ganaug.gan.networks.resnet import ResNet, _Attention, _DownBlock, _UpBlock

CLASSES = 3


def pair(height: int = 32, width: int | None = None, **options):
    network = ResNet(**{"channels": 4, "z_dim": 6, **options})
    shape = Shape(3, height, width or height)
    return network.generator(shape, CLASSES), network.discriminator(shape, CLASSES)


def run(module: nn.Module, images: Tensor | None = None, z_dim: int = 6):
    first = torch.randn(2, z_dim) if images is None else images
    with torch.no_grad():
        return module(first, conditions(torch.tensor([0, 1]), CLASSES))


def heights(module: nn.Module, kind: type, images: Tensor | None = None, inputs: bool = True) -> list[int]:
    """Return the input heights (or output heights) of all layers of `kind` in a forward pass."""
    seen = []
    for one in module.modules():
        if isinstance(one, kind):
            one.register_forward_hook(lambda _, given, out: seen.append((given[0] if inputs else out).shape[2]))
    run(module, images)
    return seen


def test_attention_by_hand():
    """One channel, two positions 0 and √ln 3; query and key are the channel, the value is twice the channel; gain ½.

    The first position's products are 0 and 0: it attends to the mean, 2 · √ln 3 / 2. The second's are 0 and ln 3: it
    attends to the first position with weight ¼ and to itself with ¾, 2 · ¾ √ln 3.
    """
    attention = _Attention(1)
    value = sqrt(log(3))
    with torch.no_grad():
        attention.query.weight.fill_(1), attention.key.weight.fill_(1), attention.value.weight.fill_(2)
        attention.gain.fill_(0.5)
        out = attention(torch.tensor([[[[0.0, value]]]]))
    assert out.flatten().tolist() == pytest.approx([0.5 * value, value + 0.75 * value])


def test_attention_equals_a_direct_computation():
    attention = _Attention(16)
    x = torch.randn(2, 16, 3, 5)
    with torch.no_grad():
        attention.gain.fill_(0.7)
        weights = {name: getattr(attention, name).weight[:, :, 0, 0] for name in ("query", "key", "value")}
        expected = x.clone()
        for image in range(2):
            positions = [x[image, :, row, column] for row in range(3) for column in range(5)]
            for index, here in enumerate(positions):
                scores = torch.stack([(weights["query"] @ here) @ (weights["key"] @ there) for there in positions])
                attended = sum(
                    share * (weights["value"] @ there)
                    for share, there in zip(scores.softmax(0), positions, strict=True)
                )
                expected[image, :, index // 5, index % 5] += 0.7 * attended
        assert weights["query"].shape == weights["key"].shape == (2, 16)  # an eighth of the channels
        assert torch.allclose(attention(x), expected, atol=1e-5)


def test_attention_starts_as_the_identity():
    x = torch.randn(2, 8, 4, 4)
    assert torch.equal(_Attention(8)(x), x)


@pytest.mark.parametrize(
    ("size", "expected", "in_generator", "in_discriminator"),
    [
        (32, None, [], []),
        (32, 16, [16], [16]),
        (64, 32, [32], [32]),
        (28, 16, [14], [14]),  # the first height that is not above it
        (32, 8, [8], [8]),
        (32, 1, [4], [4]),  # the smallest height
        (32, 32, [32], [16]),  # the discriminator has no features at full resolution
        (8, 8, [8], [4]),
    ],
)
def test_attention_is_at_the_requested_height(size, expected, in_generator, in_discriminator):
    generator, discriminator = pair(size, attention=expected)
    assert heights(generator, _Attention) == in_generator
    assert heights(discriminator, _Attention, torch.randn(2, 3, size, size)) == in_discriminator


@pytest.mark.parametrize("conditioning", ["projection", "auxiliary", "classifier", "none"])
def test_every_layer_of_the_discriminator_has_spectral_norm_1(conditioning):
    """The largest singular value of the weight as a matrix with one row per output (Miyato et al., section 2.1).

    One power iteration per forward pass approaches it from below, so the norm falls to 1 and never below.
    """
    _, discriminator = pair(8, attention=4, discriminator_conditioning=conditioning)
    layers = [one for one in discriminator.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    with torch.no_grad():
        for parameter in discriminator.parameters():
            parameter.add_(torch.randn_like(parameter))  # orthogonal weights would need no iterations
    for _ in range(200):
        run(discriminator, torch.randn(2, 3, 8, 8))
    discriminator.eval()
    assert len(layers) >= 3 + 3 + 2  # down, attention, the last block; then the head
    for layer in layers:
        assert is_parametrized(layer, "weight")
        assert 0.999 < torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2) < 1.02


def test_spectral_norm_is_in_the_discriminator_only_and_updates_in_training_only():
    generator, discriminator = pair(8, attention=4)
    assert not any(is_parametrized(one) for one in generator.modules())
    norms = [one for one in discriminator.modules() if isinstance(one, _SpectralNorm)]

    def updates() -> bool:
        before = [one._u.clone() for one in norms]
        with torch.no_grad():
            for parameter in discriminator.parameters():
                parameter.add_(0.5 * torch.randn_like(parameter))
        run(discriminator, torch.randn(2, 3, 8, 8))
        return not all(torch.equal(one._u, old) for one, old in zip(norms, before, strict=True))

    assert updates()
    discriminator.eval()
    assert not updates()


def test_convolutions_start_orthogonal_with_bias_0():
    """Rows are orthonormal, or columns if there are fewer of them."""
    for module in pair(16):
        for one in module.modules():
            if isinstance(one, nn.Conv2d):
                weight = one.parametrizations.weight.original if is_parametrized(one) else one.weight
                matrix = weight.detach().flatten(1)
                if len(matrix) > matrix.shape[1]:
                    matrix = matrix.T
                assert torch.allclose(matrix @ matrix.T, torch.eye(len(matrix)), atol=1e-5)
                assert (one.bias == 0).all()


@pytest.mark.parametrize(
    ("size", "down", "up"),
    [
        ((8, 8), [8, 4], [4]),
        ((32, 32), [32, 16, 8, 4], [4, 8, 16]),
        ((9, 20), [9, 4], [5]),
        ((28, 28), [28, 14, 7], [7, 14]),
    ],
)
def test_the_number_of_blocks_depends_on_the_size_and_the_discriminators_last_block_keeps_it(size, down, up):
    """The discriminator rounds sizes down; the generator starts from a size rounded up and crops at the end."""
    generator, discriminator = pair(*size)
    assert heights(generator, _UpBlock) == up
    images = torch.randn(2, 3, *size)
    assert heights(discriminator, _DownBlock, images) == down
    *_, last, end = heights(discriminator, _DownBlock, images, inputs=False)[-len(down) :]
    assert last == end == down[-1]
    assert run(generator).shape == (2, 3, *size)


def test_an_up_block_equals_upsampling_before_every_convolution():
    """Shortcut and residual: upsample first, then convolve, even where the block convolves first for speed."""
    block = _UpBlock(4, 6, CLASSES, conditional=False).eval()  # eval: batch norm is still the identity
    x, condition = torch.randn(2, 4, 5, 3), torch.zeros(2, CLASSES)
    with torch.no_grad():
        for one in (block.conv1, block.conv2, block.shortcut):
            one.bias.normal_()
        out = block(x, condition)
        big = interpolate(x, scale_factor=2, mode="nearest")
        assert torch.equal(big[0, 0, :2, :2], x[0, 0, 0, 0].expand(2, 2))
        h = conv2d(relu(block.norm1(big, condition)), block.conv1.weight, block.conv1.bias, padding=1)
        h = conv2d(relu(block.norm2(h, condition)), block.conv2.weight, block.conv2.bias, padding=1)
        assert torch.allclose(out, h + conv2d(big, block.shortcut.weight, block.shortcut.bias), atol=1e-5)


@pytest.mark.parametrize("first", [True, False])
def test_a_down_block_averages_four_pixels_and_the_first_applies_no_relu_to_the_image(first):
    block = _DownBlock(4, 5, 6, first=first).eval()
    x = torch.randn(2, 4, 6, 4)
    with torch.no_grad():
        h = relu(block.conv1(x if first else relu(x)))
        whole = block.conv2(h) + block.shortcut(x)
        fours = torch.stack([whole[..., row::2, column::2] for row in (0, 1) for column in (0, 1)])
        assert torch.allclose(block(x), fours.mean(dim=0), atol=1e-5)


def test_only_the_first_block_convolves_negative_values():
    _, discriminator = pair(32)
    images = -torch.rand(2, 3, 32, 32)
    lowest = []
    for block in discriminator.blocks:
        block.conv1.register_forward_hook(lambda _, given, __: lowest.append(given[0].min().item()))
    run(discriminator, images)
    assert lowest[0] == images.min().item()
    assert len(lowest) == 4
    assert all(value == 0 for value in lowest[1:])


def test_features_are_sums_of_relu_over_the_image():
    _, discriminator = pair(16)
    seen = []
    discriminator.blocks.register_forward_hook(lambda _, __, out: seen.append(out.clone()))
    critique = run(discriminator, torch.randn(2, 3, 16, 16))
    assert torch.allclose(critique.features, seen[0].clamp(min=0).sum(dim=(2, 3)), atol=1e-5)


@pytest.mark.parametrize(("conditioning", "conditional"), [("batch_norm", 2 * 3), ("embedding", 0), ("none", 0)])
def test_batch_norm_is_conditional_in_every_block_but_not_at_the_end(conditioning, conditional):
    generator, discriminator = pair(32, generator_conditioning=conditioning)
    assert sum(isinstance(one, ConditionalBatchNorm) for one in generator.modules()) == conditional
    plain = [one for one in generator.modules() if isinstance(one, nn.BatchNorm2d) and one.affine]
    assert len(plain) == 2 * 3 - conditional + 1
    assert generator.dense.in_features == (12 if conditioning == "embedding" else 6)  # 12: z and the class
    assert not any(isinstance(one, nn.BatchNorm2d) for one in discriminator.modules())


def test_images_lie_in_minus_1_to_1():
    generator, _ = pair(8)
    with torch.no_grad():
        generator.conv.weight.mul_(100)
    assert 0.99 < run(generator).abs().max() <= 1
