"""The contract of every pair of generator and discriminator; plug-ins are discovered automatically."""

from copy import deepcopy
from dataclasses import replace
from itertools import product
from math import prod
from typing import get_args, get_type_hints

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, find
from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import AS_TRAINED, Generator, Network, Rendering, Shape, Source, StyleGenerator

NETWORKS = available("gan.networks")
SIZES = [(8, 8), (9, 9), (16, 16), (28, 28), (32, 32), (100, 64), (64, 100), (9, 20), (128, 128)]
CLASSES = 3


def choices(name: str, player: str) -> tuple[str, ...]:
    """Return the values that the plug-in allows for the conditioning of "generator" or "discriminator"."""
    return get_args(get_type_hints(find("gan.networks", name))[f"{player}_conditioning"])


CONDITIONINGS = [
    pytest.param(name, generator, discriminator, id=f"{name}-{generator}-{discriminator}")
    for name in NETWORKS
    for generator, discriminator in product(choices(name, "generator"), choices(name, "discriminator"))
]


def small(name: str, **more: str) -> Network:
    """Return the small version of the plug-in, with other options changed."""
    return replace(find("gan.networks", name).small(), **more)


def perturbed(module: nn.Module) -> nn.Module:
    """Change every parameter a little: a factor that starts at 0 would hide what it multiplies."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return module


def built(network: Network, shape: Shape, classes: int = CLASSES) -> Generator:
    """Return the generator; a translator gets the same source image for every image, unless others are given."""
    generator = network.generator(shape, classes)

    def add_source(module: Generator, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        if not module.translates or (len(given) == 3 and given[2] is not None):
            return None
        source = torch.linspace(-0.9, 0.9, prod(shape), device=given[0].device).view(1, *shape)
        return *given[:2], source.expand(len(given[0]), *shape)

    generator.register_forward_pre_hook(add_source)
    return generator


def headless(name: str) -> dict[str, str]:
    """Return the options of a discriminator whose realness depends on the condition, because it has no class head."""
    options = ({"discriminator_conditioning": kind} for kind in choices(name, "discriminator"))
    return next(chosen for chosen in options if not small(name, **chosen).has_class_head)


def pair(name: str, shape: Shape, **more: str) -> tuple[Network, Generator, nn.Module]:
    torch.manual_seed(0)
    network = small(name, **more)
    return network, perturbed(built(network, shape)), perturbed(network.discriminator(shape, CLASSES))


def inputs(network: Network, shape: Shape, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return latents, images and conditions of all classes in turn."""
    condition = conditions(torch.arange(count) % CLASSES, CLASSES)
    return torch.randn(count, network.z_dim), torch.rand(count, *shape) * 2 - 1, condition


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


def scalar(discriminator: nn.Module, images: Tensor, condition: Tensor) -> Tensor:
    """Return a scalar that depends on all outputs of the discriminator."""
    critique = discriminator(images, condition)
    loss = critique.realness.square().sum() + critique.features.square().sum()
    return loss if critique.class_logits is None else loss + critique.class_logits.square().sum()


def assert_all_have_gradients(*modules: nn.Module) -> None:
    """Assert that gradients reached all parameters except those of a pretrained network, which is frozen."""
    for module in modules:
        trained = {name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad}
        assert trained
        for parameter_name, parameter in trained.items():
            assert parameter.grad is not None, parameter_name
            assert parameter.grad.isfinite().all(), parameter_name
            assert parameter.grad.abs().sum() > 0, parameter_name


def assert_gradients_are_finite(*modules: nn.Module) -> None:
    for module in modules:
        for parameter_name, parameter in module.named_parameters():
            assert parameter.grad is None or parameter.grad.isfinite().all(), parameter_name


@pytest.mark.parametrize("channels", [2, 4])
def test_every_channel_is_judged_or_the_network_says_otherwise(name, channels):
    network, _, discriminator = pair(name, Shape(channels, 16, 16))
    _, images, condition = inputs(network, Shape(channels, 16, 16), 4)
    changed = images.clone()
    changed[:, -1] *= -1
    with torch.no_grad():
        before, after = (discriminator.eval()(given, condition).realness for given in (images, changed))
    assert torch.equal(before, after) == network.sees_rgb


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("channels", [1, 3])
def test_generator_and_discriminator_work_at_any_size(name, size, channels):
    shape = Shape(channels, *size)
    network, generator, discriminator = pair(name, shape)
    z, _, condition = inputs(network, shape, 4)
    images = generator(z, condition)
    assert images.shape == network.views(torch.zeros(4, *shape)).shape
    assert generator.eval()(z, condition).shape == (4, *shape)
    assert images.isfinite().all()
    realness, features, class_logits = discriminator(images, condition)
    assert len(realness) == 4
    assert realness.ndim in (1, 2)
    assert realness.isfinite().all()
    assert features.ndim == 2
    assert len(features) == 4
    assert class_logits is None or class_logits.shape == (4, CLASSES)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_gradients_reach_every_parameter(name, channels):
    shape = Shape(channels, 12, 16)
    network, generator, discriminator = pair(name, shape)
    z, _, condition = inputs(network, shape, 6)
    scalar(discriminator, generator(z, condition), condition).backward()
    assert_all_have_gradients(generator, discriminator)


def test_realness_has_a_gradient_at_every_image(name):
    shape = Shape(3, 16, 16)
    network, _, discriminator = pair(name, shape)
    _, images, condition = inputs(network, shape, 4)
    images.requires_grad_()
    discriminator(images, condition).realness.sum().backward()
    assert (images.grad.abs().sum(dim=(1, 2, 3)) > 0).all()


def test_outputs_depend_on_condition_latents_and_images(name):
    shape = Shape(3, 16, 16)
    network, generator, discriminator = pair(name, shape, **headless(name))
    generator.eval(), discriminator.eval()
    z, images, _ = inputs(network, shape, 4)
    zeros, ones = (conditions(torch.full((4,), label), CLASSES) for label in (0, 1))
    generated = generator(z, zeros)
    assert ((generated - generator(z, ones)).abs().amax(dim=(1, 2, 3)) > 1e-3).all()
    others = generator(z.flip(0), zeros) if network.z_dim else generator(z, zeros, images)
    assert ((generated - others).abs().amax(dim=(1, 2, 3)) > 1e-3).all()
    realness = discriminator(images, zeros).realness
    for other in (discriminator(images, ones).realness, discriminator(images.flip(0), zeros).realness):
        assert ((realness - other).view(4, -1).abs().amax(dim=1) > 1e-4).all()


def test_noise_beside_a_source_image_changes_the_translation(name):
    shape = Shape(3, 16, 16)
    network = small(name)
    torch.manual_seed(0)
    generator = replace(network, z_dim=5).generator(shape, CLASSES).eval()
    if not generator.translates:
        return
    _, source, condition = inputs(network, shape, 4)
    first, second = (generator(torch.randn(4, 5), condition, source) for _ in range(2))
    spread = (first - first.roll(1, 0)).abs().mean()
    assert (first - second).abs().mean() > 0.01 * spread


@pytest.mark.parametrize("size", [(8, 8), (9, 20)])
def test_in_eval_mode_an_image_does_not_depend_on_its_batch(name, size):
    shape = Shape(2, *size)
    network, generator, discriminator = pair(name, shape)
    z, images, condition = inputs(network, shape, 6)
    discriminator(generator(z, condition), condition)  # updates running statistics, if any
    generator.eval(), discriminator.eval()
    generated, realness = generator(z, condition), discriminator(images, condition).realness
    for one in range(6):
        alone = slice(one, one + 1)
        assert torch.allclose(generator(z[alone], condition[alone]), generated[alone], atol=1e-5)
        if network.compares_images:
            continue
        assert torch.allclose(
            discriminator(images[alone], condition[alone]).realness, realness[alone], rtol=1e-4, atol=1e-4
        )


def test_eval_mode_is_deterministic_and_changes_no_state(name):
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
    copies = built(network, shape), network.discriminator(shape, CLASSES)
    for original, copy in zip(originals, copies, strict=True):
        torch.save(original.state_dict(), tmp_path / "weights.pt")
        copy.load_state_dict(torch.load(tmp_path / "weights.pt", weights_only=True))
        original.eval(), copy.eval()
    assert torch.equal(copies[0](z, condition), originals[0](z, condition))
    assert torch.equal(copies[1](images, condition).realness, originals[1](images, condition).realness)


def test_a_deep_copy_gives_the_same_outputs_and_is_independent(name):
    shape = Shape(3, 8, 8)
    network, generator, discriminator = pair(name, shape)
    z, images, condition = inputs(network, shape, 4)
    twins = deepcopy(generator).eval(), deepcopy(discriminator).eval()
    generator.eval(), discriminator.eval()
    generated, realness = generator(z, condition), discriminator(images, condition).realness
    assert torch.equal(twins[0](z, condition), generated)
    assert torch.equal(twins[1](images, condition).realness, realness)
    perturbed(twins[0])
    assert torch.equal(generator(z, condition), generated)


def test_the_global_seed_determines_the_initial_weights(name):
    shape = Shape(1, 8, 8)
    states = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        network = small(name)
        states.append([*built(network, shape, 2).parameters(), *network.discriminator(shape, 2).parameters()])
    assert all(map(torch.equal, states[0], states[1]))
    assert not all(map(torch.equal, states[0], states[2]))


def test_one_class_is_enough(name):
    shape = Shape(3, 8, 8)
    network = small(name)
    condition = torch.ones(2, 1)
    images = built(network, shape, 1)(torch.randn(2, network.z_dim), condition)
    assert len(network.discriminator(shape, 1)(images, condition).realness) == 2


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_conditioning_is_on_by_default_and_can_be_none(name, player):
    assert "none" in choices(name, player)
    assert len(choices(name, player)) > 1
    assert getattr(small(name), f"{player}_conditioning") != "none"


@pytest.mark.parametrize(("name", "for_generator", "for_discriminator"), CONDITIONINGS)
def test_every_conditioning_runs_and_trains_every_parameter(name, for_generator, for_discriminator):
    shape = Shape(2, 8, 8)
    conditioning = {"generator_conditioning": for_generator, "discriminator_conditioning": for_discriminator}
    network, generator, discriminator = pair(name, shape, **conditioning)
    z, _, condition = inputs(network, shape, 6)
    images = generator(z, condition)
    assert images.shape == (6, *shape)
    assert images.isfinite().all()
    scalar(discriminator, images, condition).backward()
    assert_all_have_gradients(generator, discriminator)


@pytest.mark.parametrize(
    ("name", "conditioning"), [(name, choice) for name in NETWORKS for choice in choices(name, "generator")]
)
def test_images_depend_on_the_condition_unless_conditioning_is_none(name, conditioning):
    shape = Shape(3, 8, 8)
    network, generator, _ = pair(name, shape, generator_conditioning=conditioning)
    generator.eval()
    z, _, condition = inputs(network, shape, 6)
    images = generator(z, condition)
    for other in (condition.roll(1, dims=1), torch.zeros_like(condition)):
        change = (generator(z, other) - images).abs().amax(dim=(1, 2, 3))
        assert (change == 0).all() if conditioning == "none" else (change > 1e-3).all()


@pytest.mark.parametrize(
    ("name", "conditioning"), [(name, choice) for name in NETWORKS for choice in choices(name, "discriminator")]
)
def test_the_discriminator_uses_or_predicts_the_class_unless_conditioning_is_none(name, conditioning):
    shape = Shape(3, 8, 8)
    network, _, discriminator = pair(name, shape, discriminator_conditioning=conditioning)
    discriminator.eval()
    _, images, condition = inputs(network, shape, 6)
    critique = discriminator(images, condition)
    others = discriminator(images, condition.roll(1, dims=1))
    uses = not torch.equal(critique.realness, others.realness)
    each_class_has_its_own = conditioning == "routed"  # the features depend on the class
    assert torch.equal(critique.features, others.features) != each_class_has_its_own
    assert (uses or critique.class_logits is not None) == (conditioning != "none")


def test_a_zero_condition_gives_finite_outputs_and_gradients(name):
    shape = Shape(3, 8, 8)
    torch.manual_seed(0)
    network = small(name)
    generator, discriminator = built(network, shape), network.discriminator(shape, CLASSES)
    z, _, condition = inputs(network, shape, 4)
    for _ in range(2):  # at the start, when many weights are 0, and later
        images = generator(z, 0 * condition)
        critique = discriminator(images, 0 * condition)
        assert images.isfinite().all()
        assert critique.realness.isfinite().all()
        (critique.realness.square().sum() + critique.features.square().sum()).backward()
        assert_gradients_are_finite(generator, discriminator)
        perturbed(generator), perturbed(discriminator)


def test_a_weak_condition_changes_outputs_little(name):
    """Transitional training moves gradually from no class to the class (conditioning.py)."""
    shape = Shape(3, 8, 8)
    torch.manual_seed(0)
    network = small(name, **headless(name))
    generator, discriminator = built(network, shape), network.discriminator(shape, CLASSES)
    with torch.no_grad():
        for parameter in [*generator.parameters(), *discriminator.parameters()]:
            if (parameter == 0).all() and parameter.ndim > 1:  # weights, not biases, that start at 0
                parameter.copy_(0.2 * torch.randn_like(parameter))
    generator.eval(), discriminator.eval()
    z, images, condition = inputs(network, shape, 32)
    for output in (lambda s: generator(z, s * condition), lambda s: discriminator(images, s * condition).realness):
        none, weak, full = output(0.0), output(0.01), output(1.0)
        assert (full - none).abs().mean() > 0
        assert (weak - none).abs().mean() < 0.1 * (full - none).abs().mean()


def test_the_gradient_at_images_can_be_differentiated_again(name):
    """R1: the squared norm of the gradient trains every weight of a discriminator that has no class head."""
    shape = Shape(2, 9, 12)
    network, _, discriminator = pair(name, shape, **headless(name))
    _, images, condition = inputs(network, shape, 6)
    images.requires_grad_()
    realness = discriminator(images, condition).realness
    (gradient,) = torch.autograd.grad(realness.sum(), images, create_graph=True)
    gradient.square().sum().backward()
    parameters = discriminator.named_parameters()
    weights = {key: value for key, value in parameters if "weight" in key and value.requires_grad}
    assert weights
    for key, weight in weights.items():
        assert weight.grad is not None, key
        assert weight.grad.isfinite().all(), key
        assert weight.grad.abs().sum() > 0, key
    assert_gradients_are_finite(discriminator)


def test_truncation_reduces_the_variance_within_a_class(name):
    shape = Shape(3, 8, 8)
    network, generator, _ = pair(name, shape)
    generator.eval()
    z, condition = torch.randn(64, network.z_dim), conditions(torch.ones(64, dtype=torch.long), CLASSES)

    def images(truncation: float) -> Tensor:
        generator.render_as(Rendering(truncation))
        return generator(z, condition)

    plain = generator(z, condition)
    assert generator.truncation == 1
    assert torch.equal(images(1.0), plain)
    spread = [images(truncation).var(dim=0).mean() for truncation in (0.0, 0.3, 0.6, 1.0)]
    assert spread[0] < 1e-8
    if not network.z_dim:  # all these images have the same source
        return
    assert spread[0] < spread[1] < spread[2] < spread[3]


def test_a_rendering_that_was_not_trained_is_refused(name):
    generator = small(name).generator(Shape(3, 8, 8), CLASSES)
    for rendering, message in (
        (Rendering(width=0.3), "width: this GAN was"),
        (Rendering(halvings=1), "halvings: this"),
    ):
        with pytest.raises(InputError, match=message):
            generator.render_as(rendering)
    assert generator.rendering == AS_TRAINED


def test_images_of_styles_are_those_of_their_latents(name):
    shape = Shape(3, 9, 8)
    network, generator, _ = pair(name, shape)
    if not isinstance(generator.eval(), StyleGenerator):
        return
    z, _, condition = inputs(network, shape, 4)
    for truncation in (1.0, 0.5):
        generator.render_as(Rendering(truncation))
        w = generator.style(z, condition)
        assert torch.equal(generator.from_style(w), generator(z, condition))
    assert w.ndim == 2
    assert generator.style_weights().shape[1:] == w.shape[1:]


def test_bfloat16_runs_forward_and_backward_and_stays_close(name):
    shape = Shape(3, 8, 8)
    network, generator, discriminator = pair(name, shape)
    z, real, condition = inputs(network, shape, 8)
    real.requires_grad_()
    with torch.autocast("cpu", torch.bfloat16):
        images = generator(z, condition)
        realness = discriminator(real, condition).realness
        (gradient,) = torch.autograd.grad(realness.float().sum(), real, create_graph=True)
        loss = scalar(discriminator, images, condition).float() + gradient.float().square().sum()
    loss.backward()
    assert images.isfinite().all()
    assert_all_have_gradients(generator, discriminator)
    generator.eval(), discriminator.eval()
    exact = generator(z, condition), discriminator(real, condition).realness
    with torch.autocast("cpu", torch.bfloat16):
        rounded = generator(z, condition).float(), discriminator(real, condition).realness.float()
    for one, other in zip(rounded, exact, strict=True):
        assert (one - other).abs().mean() < 0.05 * other.std()


@pytest.mark.parametrize("count", [1, 3, 7])
def test_batches_of_one_or_an_odd_number_of_images_work(name, count):
    shape = Shape(3, 8, 8)
    network, generator, discriminator = pair(name, shape)
    z, real, condition = inputs(network, shape, count)
    real.requires_grad_()
    images = generator(z, condition)
    realness = discriminator(real, condition).realness
    (gradient,) = torch.autograd.grad(realness.sum(), real, create_graph=True)
    assert images.shape == (count, *shape)
    assert len(realness) == count
    (scalar(discriminator, images, condition) + gradient.square().sum()).backward()
    assert_gradients_are_finite(generator, discriminator)


def test_the_generator_has_its_latent_length_and_number_of_classes(name):
    network = small(name)
    generator = built(network, Shape(1, 8, 8), 7)
    assert isinstance(generator, Generator)
    assert (generator.z_dim, generator.classes) == (network.z_dim, 7)


@pytest.mark.parametrize("training", [True, False])
def test_flags_state_whether_realness_depends_on_the_rest_of_the_batch(name, training):
    """The realness of the first image has a gradient at the other images exactly if it depends on them."""
    shape = Shape(3, 16, 16)  # a first layer has no batch norm, and 8×8 pixels may need only one layer
    network, _, discriminator = pair(name, shape)
    discriminator.train(training)
    _, images, condition = inputs(network, shape, 4)
    images.requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(images, condition).realness[0].sum(), images)
    assert gradient[0].abs().sum() > 0
    depends = bool((gradient[1:] != 0).any())
    assert depends == (network.compares_images or (training and network.normalises_batches))
    has_batch_norm = any(isinstance(module, _BatchNorm) for module in discriminator.modules())
    assert has_batch_norm == network.normalises_batches


@pytest.mark.parametrize("size", [(8, 8), (9, 20)])
def test_outputs_do_not_depend_on_the_memory_layout(name, size):
    """LitGAN stores weights and images channels last."""
    shape, layout = Shape(3, *size), torch.channels_last
    network, generator, discriminator = pair(name, shape)
    twins = deepcopy(generator).to(memory_format=layout), deepcopy(discriminator).to(memory_format=layout)
    for module in (generator, discriminator, *twins):
        module.eval()
    z, images, condition = inputs(network, shape, 4)
    assert torch.allclose(twins[0](z, condition), generator(z, condition), atol=1e-5)
    realness = twins[1](images.contiguous(memory_format=layout), condition).realness
    assert torch.allclose(realness, discriminator(images, condition).realness, rtol=1e-4, atol=1e-4)


def test_a_generator_uses_source_images_exactly_if_it_translates(name):
    shape = Shape(3, 8, 8)
    network, generator, _ = pair(name, shape)
    generator.eval()
    z, source, condition = inputs(network, shape, 4)
    images = generator(z, condition, source)
    assert images.shape == (4, *shape)
    assert torch.equal(images, generator(z, condition, source.flip(0))) != generator.translates
    if not generator.translates:
        assert torch.equal(images, generator(z, condition))


def test_a_generators_own_terms_are_named_finite_scalars(name):
    shape = Shape(3, 8, 8)
    network, generator, _ = pair(name, shape)
    z, source, condition = inputs(network, shape, 4)
    given = Source(source, condition.roll(1, dims=1)) if generator.translates else None
    images = generator(z, condition, source)
    for term_name, term in generator.own_terms(z, condition, given, images).items():
        assert term_name.isidentifier()
        assert term.ndim == 0
        assert term.isfinite()
