"""What every pair of generator and discriminator promises; plug-ins are found by themselves."""

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from ganaug.conditioning import conditions
from ganaug.networks import Network, Shape
from ganaug.plugins import available, build, find

NETWORKS = available("networks")
SIZES = [(8, 8), (9, 9), (16, 16), (28, 28), (32, 32), (100, 64), (64, 100), (9, 20), (128, 128)]
CLASSES = 3


def small(name: str) -> Network:
    """Build the plug-in with few channels where it lets one choose."""
    options = {"channels": 2, "hidden": 8, "z_dim": 5}
    network: Network = build(
        "networks",
        {"name": name}
        | {key: value for key, value in options.items() if key in find("networks", name).__dataclass_fields__},
    )
    return network


def stirred(module: nn.Module) -> nn.Module:
    """Move every parameter a little: what starts at 0 or 1 on purpose would hide what it is multiplied with."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return module


def pair(name: str, shape: Shape) -> tuple[Network, nn.Module, nn.Module]:
    torch.manual_seed(0)
    network = small(name)
    return network, stirred(network.generator(shape, CLASSES)), stirred(network.discriminator(shape, CLASSES))


def inputs(network: Network, shape: Shape, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return latents, images and conditions, among which is every class."""
    condition = conditions(torch.arange(count) % CLASSES, CLASSES)
    return torch.randn(count, network.z_dim), torch.rand(count, *shape) * 2 - 1, condition


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("channels", [1, 3])
def test_generator_and_discriminator_fit_any_size(name, size, channels):
    shape = Shape(channels, *size)
    network, generator, discriminator = pair(name, shape)
    z, _, condition = inputs(network, shape, 4)
    images = generator(z, condition)
    assert images.shape == (4, *shape)
    assert images.isfinite().all()
    realness, features, class_logits = discriminator(images, condition)
    assert realness.shape == (4,)
    assert realness.isfinite().all()
    assert features.ndim == 2
    assert len(features) == 4
    assert class_logits is None or class_logits.shape == (4, CLASSES)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_gradients_reach_every_parameter(name, channels):
    shape = Shape(channels, 12, 16)
    network, generator, discriminator = pair(name, shape)
    z, _, condition = inputs(network, shape, 6)
    critique = discriminator(generator(z, condition), condition)
    loss = critique.realness.square().sum() + critique.features.square().sum()
    if critique.class_logits is not None:
        loss = loss + critique.class_logits.square().sum()
    loss.backward()
    for module in (generator, discriminator):
        for parameter_name, parameter in module.named_parameters():
            assert parameter.grad is not None, parameter_name
            assert parameter.grad.isfinite().all(), parameter_name
            assert parameter.grad.abs().sum() > 0, parameter_name


def test_realness_alone_trains_the_images(name):
    shape = Shape(3, 16, 16)
    network, _, discriminator = pair(name, shape)
    _, images, condition = inputs(network, shape, 4)
    images.requires_grad_()
    discriminator(images, condition).realness.sum().backward()
    assert (images.grad.abs().sum(dim=(1, 2, 3)) > 0).all()


def test_condition_latents_and_images_matter(name):
    shape = Shape(3, 16, 16)
    network, generator, discriminator = pair(name, shape)
    generator.eval(), discriminator.eval()
    z, images, _ = inputs(network, shape, 4)
    zeros, ones = (conditions(torch.full((4,), label), CLASSES) for label in (0, 1))
    pictures = generator(z, zeros)
    assert ((pictures - generator(z, ones)).abs().amax(dim=(1, 2, 3)) > 1e-3).all()
    assert ((pictures - generator(z.flip(0), zeros)).abs().amax(dim=(1, 2, 3)) > 1e-3).all()
    realness = discriminator(images, zeros).realness
    assert ((realness - discriminator(images, ones).realness).abs() > 1e-4).all()
    assert ((realness - discriminator(images.flip(0), zeros).realness).abs() > 1e-4).all()


@pytest.mark.parametrize("size", [(8, 8), (9, 20)])
def test_in_eval_mode_an_image_does_not_depend_on_its_batch(name, size):
    shape = Shape(2, *size)
    network, generator, discriminator = pair(name, shape)
    z, images, condition = inputs(network, shape, 6)
    discriminator(generator(z, condition), condition)  # running statistics, if any, are not the first ones
    generator.eval(), discriminator.eval()
    pictures, realness = generator(z, condition), discriminator(images, condition).realness
    for one in range(6):
        alone = slice(one, one + 1)
        assert torch.allclose(generator(z[alone], condition[alone]), pictures[alone], atol=1e-5)
        if network.compares_images:
            continue
        assert torch.allclose(
            discriminator(images[alone], condition[alone]).realness, realness[alone], rtol=1e-4, atol=1e-4
        )


def test_in_eval_mode_nothing_is_random_and_nothing_changes(name):
    shape = Shape(3, 8, 8)
    network, generator, discriminator = pair(name, shape)
    generator.eval(), discriminator.eval()
    z, images, condition = inputs(network, shape, 4)
    before = {key: value.clone() for key, value in {**generator.state_dict(), **discriminator.state_dict()}.items()}
    assert torch.equal(generator(z, condition), generator(z, condition))
    assert torch.equal(discriminator(images, condition).realness, discriminator(images, condition).realness)
    after = {**generator.state_dict(), **discriminator.state_dict()}
    assert all(torch.equal(after[key], value) for key, value in before.items())


def test_state_dict_round_trip(name, tmp_path):
    shape = Shape(3, 9, 12)
    network, *originals = pair(name, shape)
    z, images, condition = inputs(network, shape, 4)
    originals[1](originals[0](z, condition), condition)
    torch.manual_seed(1)
    copies = network.generator(shape, CLASSES), network.discriminator(shape, CLASSES)
    for original, copy in zip(originals, copies, strict=True):
        torch.save(original.state_dict(), tmp_path / "weights.pt")
        copy.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
        original.eval(), copy.eval()
    assert torch.equal(copies[0](z, condition), originals[0](z, condition))
    assert torch.equal(copies[1](images, condition).realness, originals[1](images, condition).realness)


def test_a_deep_copy_gives_the_same_and_stands_on_its_own(name):
    shape = Shape(3, 8, 8)
    network, generator, discriminator = pair(name, shape)
    z, images, condition = inputs(network, shape, 4)
    twins = deepcopy(generator).eval(), deepcopy(discriminator).eval()
    generator.eval(), discriminator.eval()
    pictures, realness = generator(z, condition), discriminator(images, condition).realness
    assert torch.equal(twins[0](z, condition), pictures)
    assert torch.equal(twins[1](images, condition).realness, realness)
    stirred(twins[0])
    assert torch.equal(generator(z, condition), pictures)


def test_the_global_generator_fixes_the_first_weights(name):
    shape = Shape(1, 8, 8)
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        network = small(name)
        states.append([*network.generator(shape, 2).parameters(), *network.discriminator(shape, 2).parameters()])
    assert all(map(torch.equal, states[0], states[1]))
    assert not all(map(torch.equal, states[0], states[2]))


def test_one_class_is_enough(name):
    shape = Shape(3, 8, 8)
    network = small(name)
    condition = torch.ones(2, 1)
    images = network.generator(shape, 1)(torch.randn(2, network.z_dim), condition)
    assert network.discriminator(shape, 1)(images, condition).realness.shape == (2,)
