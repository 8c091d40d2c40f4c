"""Projected GAN: features that never change, heads of several scales, and a light generator."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ganaug.core.weights import load_weights, save_weights
from ganaug.gan.conditioning import conditions
from ganaug.gan.feature_projection import FeatureProjection
from ganaug.gan.fit import fit
from ganaug.gan.module import LitGAN
from ganaug.gan.networks import Shape
from ganaug.gan.networks.projected import Projected, _Excitation
from ganaug.gan.objectives.hinge import Hinge
from ganaug.gan.settings import TrainGan

timm = pytest.importorskip("timm", reason="needs the extra `pretrained`")
CLASSES = 3


def projected(**options) -> Projected:
    small = {"model": "test_efficientnet", "weights": "none", "z_dim": 5, "channels": 4, "projected_channels": 4}
    return Projected(**{**small, "input_size": 32, **options})


def copied(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(1)
    path = tmp_path / "weights.safetensors"
    save_file(timm.create_model("test_efficientnet").state_dict(), path)
    return path


@pytest.fixture
def trained(two_colours, weights):
    """Return a GAN after two steps from pretrained weights, and its discriminator's state before them."""
    settings = TrainGan(network=projected(weights=str(weights)), objective=Hinge(), steps=2, batch_size=8)
    gan = LitGAN(settings, two_colours(16), seed=0)
    before = copied(gan.discriminator)
    fit(gan, [], settings, None)
    return gan, before


# --- features ---------------------------------------------------------------------------------------------------------


def test_training_changes_the_heads_and_nothing_of_the_features(trained):
    gan, before = trained
    changed = {name for name, value in copied(gan.discriminator).items() if not torch.equal(value, before[name])}
    assert changed
    assert not [name for name in changed if name.startswith("projection.")]
    assert all(f"scales.{scale}.head.linear.parametrizations.weight.original" in changed for scale in range(4))


def test_features_stay_in_evaluation_mode_and_without_gradients(trained):
    projection = trained[0].discriminator.train().projection
    assert not any(module.training for module in projection.modules())
    assert not any(parameter.requires_grad for parameter in projection.parameters())
    assert all(parameter.requires_grad for parameter in trained[0].discriminator.scales.parameters())


def test_the_features_are_those_of_the_pretrained_network(trained, weights):
    stored = load_file(weights)
    backbone = trained[0].discriminator.projection.backbone.state_dict()
    assert all(torch.equal(value, stored[name]) for name, value in backbone.items())


def test_a_trained_discriminator_needs_the_file_no_more(trained, weights, tmp_path):
    gan = trained[0]
    save_weights(tmp_path / "discriminator.safetensors", gan.discriminator)
    weights.unlink()
    loaded = projected(weights=str(weights)).discriminator(Shape(3, 16, 16), 2)
    load_weights(tmp_path / "discriminator.safetensors", loaded)
    images, condition = torch.rand(4, 3, 16, 16), conditions(torch.arange(4) % 2, 2)
    rated = (one.eval()(images, condition).realness for one in (loaded, gan.discriminator))
    torch.testing.assert_close(*rated)


def test_features_of_any_network_have_the_same_size():
    projection = FeatureProjection("test_efficientnet", 32, 4)
    for parameter in projection.backbone.parameters():
        parameter.mul_(3)
    for features in projection._features(torch.randn(2, 3, 32, 32)):
        torch.testing.assert_close(features.square().mean(dim=(1, 2, 3)), torch.ones(2), rtol=1e-3, atol=0)


def test_scales_are_mixed_from_coarse_to_fine_only():
    """A change of the coarsest features changes all scales; one of the finest features only the finest scale."""
    projection = FeatureProjection("test_efficientnet", 64, 4)
    images = torch.randn(2, 3, 64, 64)
    before = projection(images)
    for changed, scales in ((3, [True, True, True, True]), (0, [True, False, False, False])):
        weight = projection.mix_channels[changed].weight
        original = weight.clone()
        weight.mul_(2)
        after = projection(images)
        weight.copy_(original)
        assert [not torch.equal(one, other) for one, other in zip(before, after, strict=True)] == scales


# --- heads ------------------------------------------------------------------------------------------------------------


def test_every_scale_is_rated_by_a_head_of_its_own():
    """At 64 pixels: features of 16, 8, 4 and 2 pixels become scales of 32, 16, 8 and 4.

    Halved to 8 at most and seen through 4×4 windows, these are 25, 25, 25 and 1 patches.
    """
    discriminator = projected(input_size=64).discriminator(Shape(3, 16, 16), CLASSES)
    critique = discriminator(torch.rand(2, 3, 16, 16), conditions(torch.tensor([0, 1]), CLASSES))
    assert [side for _, side in discriminator.projection.shapes] == [32, 16, 8, 4]
    assert critique.realness.shape == (2, 25 + 25 + 25 + 1)
    assert critique.features.shape == (2, sum(channels for channels, _ in discriminator.projection.shapes))


def test_class_logits_are_the_mean_of_the_scales():
    discriminator = projected(discriminator_conditioning="auxiliary").discriminator(Shape(3, 16, 16), CLASSES).eval()
    images, condition = torch.rand(2, 3, 16, 16), conditions(torch.tensor([0, 1]), CLASSES)
    scales = zip(discriminator.scales, discriminator.projection(images), strict=True)
    each = torch.stack([scale(found, condition).class_logits for scale, found in scales])
    torch.testing.assert_close(discriminator(images, condition).class_logits, each.mean(dim=0))


# --- generator --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "number"), [(8, 1), (32, 1), (64, 1), (128, 2), (256, 3)])
def test_excitations_span_four_doublings_or_all_there_are(side, number):
    """At 64 pixels from 4 to 64, at 128 from 8 to 128 as well; smaller images have fewer doublings."""
    generator = projected().generator(Shape(3, side, side), CLASSES)
    assert sum(isinstance(module, _Excitation) for module in generator.modules()) == number


def test_an_excitation_scales_channels_between_0_and_1():
    excitation = _Excitation(2, 3)
    large = torch.rand(4, 3, 6, 6) + 0.1
    factors = excitation(torch.randn(4, 2, 8, 8), large) / large
    torch.testing.assert_close(factors, factors[..., :1, :1].expand(-1, -1, 6, 6))
    assert ((factors > 0) & (factors < 1)).all()
    assert len(factors[..., 0, 0].unique()) == 12
