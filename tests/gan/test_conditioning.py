"""Class conditioning: conditions, layers and heads against hand-derived values."""

from math import log

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.nn.utils.parametrize import is_parametrized

from ganaug.gan.conditioning import ConditionalBatchNorm, JoinLabel, batch_norm, conditions, head, rate_patches

HEADS = ("projection", "auxiliary", "classifier", "none")


def images(count: int = 6, channels: int = 2) -> Tensor:
    return torch.randn(count, channels, 3, 4, generator=torch.Generator().manual_seed(0))


def perturbed(module: nn.Module) -> nn.Module:
    """Change every parameter: a factor that starts at 0 would hide what it multiplies."""
    source = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=source))
    return module


def fill(parameter: Tensor, values: list) -> None:
    with torch.no_grad():
        parameter.copy_(torch.tensor(values))


def test_a_condition_is_one_hot():
    found = conditions(torch.tensor([2, 0]), 3)
    assert found.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert found.dtype == torch.float32


def test_an_image_without_a_label_has_a_zero_condition():
    assert conditions(torch.tensor([1, -1, -2]), 2).tolist() == [[0, 1], [0, 0], [0, 0]]


def test_strength_scales_the_condition():
    assert conditions(torch.tensor([1, -1, 0]), 2, 0.25).tolist() == [[0, 0.25], [0, 0], [0.25, 0]]
    assert conditions(torch.tensor([1, -1, 0]), 2, 0.0).count_nonzero() == 0


@pytest.mark.parametrize("training", [True, False])
def test_conditional_batch_norm_starts_as_plain_batch_norm(training):
    norm, plain = ConditionalBatchNorm(2, 3).train(training), nn.BatchNorm2d(2).train(training)
    for labels in ([0, 1, 2, 0, -1, -1], [2] * 6):
        assert torch.allclose(norm(images(), conditions(torch.tensor(labels), 3)), plain(images()), atol=1e-6)


def test_conditional_batch_norm_without_condition_is_plain_batch_norm():
    norm, plain = perturbed(ConditionalBatchNorm(2, 3)), nn.BatchNorm2d(2)
    fill(plain.weight, norm.gain.bias.tolist())
    fill(plain.bias, norm.bias.bias.tolist())
    for training in (True, False):  # the second time with the statistics of the first
        norm.train(training), plain.train(training)
        assert torch.allclose(norm(images(), torch.zeros(6, 3)), plain(images()), atol=1e-6)


def test_conditional_batch_norm_applies_the_gain_and_bias_of_the_class():
    norm = ConditionalBatchNorm(1, 2)
    fill(norm.gain.weight, [[2.0, -1.0]])
    fill(norm.bias.weight, [[0.0, 5.0]])
    # −1 and 1 are normalised already. Class 0: (1 + 2) x + 0; class 1: (1 − 1) x + 5; no class: x
    x = torch.tensor([-1.0, 1.0]).repeat(3).view(3, 1, 1, 2)
    found = norm(x, conditions(torch.tensor([0, 1, -1]), 2)).flatten(1)
    assert found.flatten().tolist() == pytest.approx([-3, 3, 5, 5, -1, 1], abs=1e-4)


@pytest.mark.parametrize("strength", [0.25, 0.5])
def test_a_weaker_condition_interpolates_between_no_class_and_the_class(strength):
    norm, labels = perturbed(ConditionalBatchNorm(2, 3)), torch.tensor([0, 1, 2, 0, 1, 2])
    none, full = norm(images(), torch.zeros(6, 3)), norm(images(), conditions(labels, 3))
    assert not torch.allclose(none, full, atol=0.1)
    between = norm(images(), conditions(labels, 3, strength))
    assert torch.allclose(between, torch.lerp(none, full, strength), atol=1e-5)


def test_plain_batch_norm_ignores_the_condition():
    norm, plain = batch_norm(2, 3, conditional=False), nn.BatchNorm2d(2)
    assert torch.equal(norm(images(), conditions(torch.arange(6) % 3, 3)), plain(images()))
    assert set(norm.state_dict()) == {f"norm.{name}" for name in plain.state_dict()}
    assert isinstance(batch_norm(2, 3, conditional=True), ConditionalBatchNorm)


def test_the_class_embedding_is_concatenated_to_z():
    join = JoinLabel(2, 3, joined=True)
    fill(join.embedding.weight, [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])  # one column per class
    z = torch.tensor([[0.5, -0.5], [7.0, 8.0], [9.0, 10.0]])
    found = join(z, conditions(torch.tensor([2, 0, -1]), 3))
    assert found.tolist() == [[0.5, -0.5, 3, 6], [7, 8, 1, 4], [9, 10, 0, 0]]
    assert join.size == 4
    assert join(z, conditions(torch.tensor([2, 0, -1]), 3, 0.5))[0].tolist() == [0.5, -0.5, 1.5, 3]


def test_the_embedding_starts_at_a_tenth_of_the_scale_of_z():
    torch.manual_seed(0)
    weight = JoinLabel(200, 100, joined=True).embedding.weight
    assert weight.std().item() == pytest.approx(0.1, rel=0.05)  # z has 1
    assert abs(weight.mean().item()) < 0.01


def test_without_an_embedding_z_is_unchanged():
    join = JoinLabel(2, 3, joined=False)
    z = torch.tensor([[0.5, -0.5]])
    assert torch.equal(join(z, conditions(torch.tensor([1]), 3)), z)
    assert join.size == 2
    assert not list(join.parameters())


FEATURES = torch.tensor([[2.0, 3.0], [2.0, 3.0], [-1.0, 0.5], [-1.0, 0.5]])
LABELS = torch.tensor([0, 1, 1, -1])


def by_hand(name: str) -> nn.Module:
    """Return a head for two features and two classes; its linear part is h₁ − h₂ + ½."""
    made = head(name, 2, 2)
    if name != "classifier":
        fill(made.linear.weight, [[1.0, -1.0]])
        fill(made.linear.bias, [0.5])
    if name == "projection":
        fill(made.embedding.weight, [[10.0, 20.0], [1.0, 2.0]])  # one column per class
    if name in ("auxiliary", "classifier"):
        fill(made.classes.weight, [[1.0, 0.0], [0.0, 2.0]])
        fill(made.classes.bias, [0.0, -5.0])
    return made


UNCONDITIONAL = [-0.5, -0.5, -1.0, -1.0]  # 2 − 3 + ½ and −1 − ½ + ½


@pytest.mark.parametrize("name", HEADS)
def test_every_head_returns_its_input_features(name):
    assert torch.equal(by_hand(name)(FEATURES, conditions(LABELS, 2)).features, FEATURES)


def test_a_head_without_conditioning_is_a_linear_layer():
    found = by_hand("none")(FEATURES, conditions(LABELS, 2))
    assert found.realness.tolist() == UNCONDITIONAL
    assert found.class_logits is None


def test_projection_adds_the_inner_product_of_features_and_class_embedding():
    found = by_hand("projection")(FEATURES, conditions(LABELS, 2))
    # ⟨(10, 1), (2, 3)⟩ = 23, ⟨(20, 2), (2, 3)⟩ = 46, ⟨(20, 2), (−1, ½)⟩ = −19, 0 without a label
    assert found.realness.tolist() == [-0.5 + 23, -0.5 + 46, -1 - 19, -1]
    assert found.class_logits is None


def test_projection_without_condition_is_the_unconditional_head():
    projection, none = perturbed(head("projection", 2, 2)), head("none", 2, 2)
    none.linear.load_state_dict(projection.linear.state_dict())
    empty = conditions(LABELS, 2, 0.0)
    assert torch.equal(projection(FEATURES, empty).realness, none(FEATURES, empty).realness)


def test_projection_scales_with_the_strength_of_the_condition():
    found = by_hand("projection")(FEATURES, conditions(LABELS, 2, 0.5)).realness
    assert found.tolist() == [-0.5 + 11.5, -0.5 + 23, -1 - 9.5, -1]


def test_an_auxiliary_head_predicts_the_class_and_ignores_the_condition():
    for labels in (LABELS, LABELS.flip(0)):
        found = by_hand("auxiliary")(FEATURES, conditions(labels, 2))
        assert found.realness.tolist() == UNCONDITIONAL
        assert found.class_logits.tolist() == [[2, 1], [2, 1], [-1, -4], [-1, -4]]  # h₁ and 2 h₂ − 5


def test_a_classifier_heads_realness_is_the_logsumexp_of_its_class_logits():
    features = torch.tensor([[0.0, (log(2) + 5) / 2], [log(0.5), (log(0.5) + 5) / 2]])
    for labels in (LABELS[:2], LABELS[2:]):
        found = by_hand("classifier")(features, conditions(labels, 2))
        # logits 0 and ln 2, ln ½ and ln ½: Z = 1 + 2 and ½ + ½, realness ln Z
        assert found.class_logits.flatten().tolist() == pytest.approx([0, log(2), log(0.5), log(0.5)], abs=1e-6)
        assert found.realness.tolist() == pytest.approx([log(3), 0], abs=1e-6)


@pytest.mark.parametrize("name", HEADS)
def test_every_output_of_a_head_has_the_expected_gradient_at_the_features(name):
    features = FEATURES.clone().requires_grad_()
    critique = by_hand(name)(features, conditions(torch.tensor([0, 1, 1, 0]), 2))
    # realness: the weights 1 and −1, plus the class's embedding, (10, 1) or (20, 2); class logits: 1 and 2
    slopes = {"none": [[1, -1]] * 4, "auxiliary": [[1, -1]] * 4, "projection": [[11, 0], [21, 1], [21, 1], [11, 0]]}
    if name in slopes:
        (found,) = torch.autograd.grad(critique.realness.sum(), features, retain_graph=True)
        assert found.tolist() == slopes[name]
    if critique.class_logits is not None:
        (found,) = torch.autograd.grad(critique.class_logits.sum(), features)
        assert found.tolist() == [[1, 2]] * 4


@pytest.mark.parametrize("name", HEADS)
def test_every_layer_of_a_head_is_wrapped_once(name):
    wrapped = []

    def wrap(layer: nn.Module) -> nn.Module:
        wrapped.append(layer)
        return spectral_norm(layer)

    made = head(name, 4, 3, wrap)
    layers = [layer for layer in made.modules() if isinstance(layer, nn.Linear)]
    assert sorted(map(id, layers)) == sorted(map(id, wrapped))
    assert len(layers) == {"projection": 2, "auxiliary": 2, "classifier": 1, "none": 1}[name]
    assert all(is_parametrized(layer, "weight") for layer in layers)
    owned = {id(parameter) for layer in layers for parameter in layer.parameters()}
    assert {id(parameter) for parameter in made.parameters()} == owned  # there are no weights outside the layers


@pytest.mark.parametrize("name", HEADS)
def test_every_layer_of_a_head_can_have_spectral_norm_1(name):
    # after some passes the estimate of the norm is exact; eval mode keeps it
    torch.manual_seed(0)
    made = head(name, 4, 3, spectral_norm)
    for _ in range(30):
        made(torch.randn(2, 4), torch.eye(3)[:2])
    for layer in made.eval().modules():
        if isinstance(layer, nn.Linear):
            assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=1e-3)


def test_the_projection_embedding_starts_with_standard_deviation_1_over_root_f():
    # so ⟨v, h⟩ has the variance ‖h‖² / F; the deviation of 20,000 draws for F = 200 is 1/√200 = 0.0707 ± 0.00035
    torch.manual_seed(0)
    weight = head("projection", 200, 100).embedding.weight
    assert weight.std().item() == pytest.approx(200**-0.5, abs=0.0018)


@pytest.mark.parametrize("kind", HEADS)
def test_patches_are_rated_one_by_one(kind):
    """A patch gets the realness of an image with its features; features and class logits are means over patches."""
    torch.manual_seed(0)
    rates, features, condition = head(kind, 5, 3), torch.randn(2, 5, 2, 3), conditions(torch.tensor([0, 2]), 3)
    found = rate_patches(rates, features, condition)
    assert found.realness.shape == (2, 6)
    assert torch.allclose(found.features, features.mean(dim=(2, 3)))
    one_by_one = [rates(features[:, :, row, column], condition) for row in range(2) for column in range(3)]
    assert torch.allclose(found.realness, torch.stack([one.realness for one in one_by_one], dim=1))
    if found.class_logits is not None:
        assert torch.allclose(found.class_logits, torch.stack([one.class_logits for one in one_by_one]).mean(0))
