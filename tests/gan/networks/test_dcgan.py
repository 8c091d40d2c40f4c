"""DCGAN's guidelines, one by one (Radford et al., 2016, section 3 and "details of adversarial training")."""

import pytest
import torch
from recording import Recorded
from torch import nn

from ganaug.gan.conditioning import ConditionalBatchNorm, conditions
from ganaug.gan.networks import Shape
from ganaug.gan.networks.dcgan import Dcgan

CLASSES = 3
ARITHMETIC = {
    "convolution": "convolution",
    "native_batch_norm": "batch norm",
    "cudnn_batch_norm": "batch norm",
    "_native_batch_norm_legit": "batch norm",
    "relu": "relu",
    "relu_": "relu",
    "leaky_relu": "leaky relu",
    "leaky_relu_": "leaky relu",
    "tanh": "tanh",
    "tanh_": "tanh",
    "addmm": "linear",
    "mm": "linear",
}
HARMLESS = {"view", "_unsafe_view", "reshape", "unsqueeze", "squeeze", "slice", "t", "transpose", "detach", "alias"}
COUNTING = {"add_", "empty", "mul"}  # of batches, by batch norm; truncation


def operations(module: nn.Module, *inputs: torch.Tensor) -> list[str]:
    """Return the arithmetic operations of a forward pass, in order."""
    with torch.no_grad(), Recorded() as recorded:
        module(*inputs)
    unexpected = set(recorded.names) - set(ARITHMETIC) - HARMLESS - COUNTING
    assert not unexpected  # pooling or resizing would be here
    return [ARITHMETIC[name] for name in recorded.names if name in ARITHMETIC]


def pair(size: int = 32, **options):
    network = Dcgan(**{"channels": 4, "z_dim": 6, "discriminator_conditioning": "none", **options})
    shape = Shape(3, size, size)
    return network.generator(shape, CLASSES), network.discriminator(shape, CLASSES)


def convolutions(module: nn.Module) -> list[nn.Module]:
    return [one for one in module.modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d)]


def weights(module: nn.Module) -> torch.Tensor:
    return torch.cat([one.weight.detach().flatten() for one in convolutions(module)])


@pytest.mark.parametrize(("size", "halvings"), [(8, 1), (16, 2), (28, 2), (32, 3), (100, 4), (128, 5)])
def test_the_generator_has_transposed_convolutions_batch_norm_relu_and_a_final_tanh(size, halvings):
    generator, _ = pair(size, generator_conditioning="none")
    z, condition = torch.randn(2, 6), conditions(torch.tensor([0, 1]), CLASSES)
    expected = [*["convolution", "batch norm", "relu"] * halvings, "convolution", "tanh"]
    assert operations(generator, z, condition) == expected
    assert all(isinstance(one, nn.ConvTranspose2d) for one in convolutions(generator))


@pytest.mark.parametrize(("size", "halvings"), [(8, 1), (16, 2), (28, 2), (32, 3), (100, 4), (128, 5)])
def test_the_discriminator_has_convolutions_batch_norm_except_at_the_input_and_leaky_relu(size, halvings):
    _, discriminator = pair(size)
    images, condition = torch.randn(2, 3, size, size), conditions(torch.tensor([0, 1]), CLASSES)
    first, block = ["convolution", "leaky relu"], ["convolution", "batch norm", "leaky relu"]
    assert operations(discriminator, images, condition) == [*first, *block * (halvings - 1), "linear"]
    assert all(type(one) is nn.Conv2d for one in convolutions(discriminator))
    slopes = {one.negative_slope for one in discriminator.modules() if isinstance(one, nn.LeakyReLU)}
    assert slopes == {0.2}


@pytest.mark.parametrize("generator", ["embedding", "batch_norm", "none"])
@pytest.mark.parametrize("discriminator", ["projection", "auxiliary", "classifier", "none"])
def test_no_hidden_layer_is_fully_connected(generator, discriminator):
    """The only linear layers are class embeddings, class-conditional gains and the discriminator's head."""
    for module in pair(generator_conditioning=generator, discriminator_conditioning=discriminator):
        for name, one in module.named_modules():
            if isinstance(one, nn.Linear):
                assert one.in_features == CLASSES or name.startswith("head.")


def test_strides_halve_and_double():
    generator, discriminator = pair(64)
    project, *up = convolutions(generator)
    assert (project.kernel_size, project.stride, project.padding) == ((4, 4), (1, 1), (0, 0))  # z to 4×4
    assert len(up) == 4
    for one in (*up, *convolutions(discriminator)):
        assert (one.kernel_size, one.stride, one.padding) == ((4, 4), (2, 2), (1, 1))


def test_channels_double_with_each_halving_up_to_eight_times():
    generator, discriminator = pair(128)
    assert [one.out_channels for one in convolutions(discriminator)] == [4, 8, 16, 32, 32]
    assert [one.in_channels for one in convolutions(generator)] == [12, 32, 32, 16, 8, 4]  # 12: z and the class


def test_convolution_weights_start_normal_with_standard_deviation_0_02():
    """The standard error of n weights is 0.02 / √n for the mean, 0.02 / √(2n) for the deviation: five are allowed.

    A normal variable is within one standard deviation in 68.3% of cases, a uniform one in 57.7%.
    """
    for module in pair(32, channels=16):
        drawn = weights(module)
        assert abs(drawn.mean()) < 5 * 0.02 / len(drawn) ** 0.5
        assert drawn.std() == pytest.approx(0.02, rel=5 / (2 * len(drawn)) ** 0.5)
        assert (drawn.abs() < 0.02).float().mean() == pytest.approx(0.683, abs=0.01)


@pytest.mark.parametrize("conditioning", ["projection", "auxiliary", "classifier", "none"])
def test_the_head_starts_like_all_other_layers(conditioning):
    _, discriminator = pair(32, channels=64, discriminator_conditioning=conditioning)
    for one in discriminator.head.modules():
        if isinstance(one, nn.Linear):
            assert one.weight.numel() >= 4096
            assert one.weight.std().item() == pytest.approx(0.02, rel=5 / (2 * 4096) ** 0.5)


@pytest.mark.parametrize("conditioning", ["embedding", "batch_norm"])
def test_batch_norm_gains_start_around_1_and_biases_at_0(conditioning):
    """As in the authors' code: N(1, 0.02²)."""
    for module in pair(64, channels=16, generator_conditioning=conditioning):
        norms = [one for one in module.modules() if isinstance(one, ConditionalBatchNorm)]
        plain = [one for one in module.modules() if isinstance(one, nn.BatchNorm2d) and one.affine]
        gains = [one.gain.bias for one in norms] + [one.weight for one in plain]
        gains = torch.cat([one.detach() for one in gains])
        assert gains.mean() == pytest.approx(1, abs=5 * 0.02 / len(gains) ** 0.5)
        assert gains.std() == pytest.approx(0.02, rel=5 / (2 * len(gains)) ** 0.5)
        assert all((one.bias.bias == 0).all() for one in norms)
        assert all((one.bias == 0).all() for one in plain)


def test_conditional_batch_norm_replaces_plain_batch_norm():
    generator, _ = pair(32, generator_conditioning="batch_norm")
    assert sum(isinstance(one, ConditionalBatchNorm) for one in generator.modules()) == 3
    assert not any(isinstance(one, nn.BatchNorm2d) and one.affine for one in generator.modules())
    assert convolutions(generator)[0].in_channels == 6  # z alone


def test_images_are_cropped_to_size_and_lie_in_minus_1_to_1():
    network = Dcgan(channels=4, z_dim=6)
    generator = network.generator(Shape(1, 9, 21), CLASSES)
    with torch.no_grad():
        generator.image.weight.mul_(1000)
    images = generator(torch.randn(4, 6), conditions(torch.tensor([0, 1, 2, 0]), CLASSES))
    assert images.shape == (4, 1, 9, 21)
    assert 0.99 < images.abs().max() <= 1
