"""A grouped convolution equals PyTorch's, up to second derivatives, in one call per derivative."""

import pytest
import torch
from recording import Recorded
from torch import Tensor

from ganaug.gan.convolution import Geometry, GroupedConv2d, conv2d, input_gradients_only

GEOMETRIES = [
    Geometry((1, 1), (1, 1), (1, 1), 1),
    Geometry((1, 1), (1, 1), (1, 1), 2),
    Geometry((2, 2), (0, 1), (1, 1), 4),  # one channel per group
    Geometry((1, 2), (2, 0), (2, 1), 2),
]


def tensors(groups: int) -> tuple[Tensor, Tensor]:
    randomness = torch.Generator().manual_seed(0)
    sizes = (3, 4, 6, 7), (8, 4 // groups, 3, 2)
    x, w = (torch.randn(*size, dtype=torch.float64, generator=randomness) for size in sizes)
    return x.requires_grad_(), w.requires_grad_()


def penalty(y: Tensor, x: Tensor) -> Tensor:
    """Return the squared norm of the gradient of a non-linear function of `y` with respect to `x`."""
    (gradient,) = torch.autograd.grad(y.tanh().sum(), x, create_graph=True)
    return gradient.square().sum()


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_it_equals_pytorchs_convolution_up_to_second_derivatives(geometry):
    x, w = tensors(geometry.groups)
    found, expected = conv2d(x, w, geometry), torch.conv2d(x, w, None, *geometry)
    assert torch.equal(found, expected)
    for ours, theirs in zip(*(torch.autograd.grad(y.square().sum(), (x, w)) for y in (found, expected)), strict=True):
        torch.testing.assert_close(ours, theirs)
    found, expected = conv2d(x, w, geometry), torch.conv2d(x, w, None, *geometry)
    for ours, theirs in zip(*(torch.autograd.grad(penalty(y, x), (x, w)) for y in (found, expected)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_first_and_second_derivatives_equal_finite_differences(geometry):
    inputs = tensors(geometry.groups)
    assert torch.autograd.gradcheck(lambda x, w: conv2d(x, w, geometry), inputs)
    assert torch.autograd.gradgradcheck(lambda x, w: conv2d(x, w, geometry), inputs)


def test_a_gradient_penalty_takes_the_same_number_of_operations_for_any_number_of_groups():
    totals = set()
    for groups in (1, 2, 4):
        x, w = tensors(groups)
        with Recorded() as calls:
            penalty(conv2d(x, w, Geometry((1, 1), (1, 1), (1, 1), groups)), x).backward()
        totals.add(len(calls.names))
    assert len(totals) == 1


def test_images_alone_can_be_differentiated():
    x, w = tensors(2)
    y = conv2d(x, w, GEOMETRIES[1]).sum()
    with Recorded() as calls, input_gradients_only():
        (gradient,) = torch.autograd.grad(y, x, create_graph=True)
    assert calls.names.count("convolution_backward") == 1
    (expected,) = torch.autograd.grad(torch.conv2d(x, w, None, *GEOMETRIES[1]).sum(), x)
    torch.testing.assert_close(gradient, expected)
    gradient.square().sum().backward()  # the penalty itself still trains the weights
    assert w.grad.any()


def test_weights_are_differentiated_again_after_an_error():
    x, w = tensors(2)
    with pytest.raises(ZeroDivisionError), input_gradients_only():
        raise ZeroDivisionError
    conv2d(x, w, GEOMETRIES[1]).sum().backward()
    assert w.grad.any()


def test_autocast_chooses_the_type_as_for_pytorchs_convolution():
    conv = GroupedConv2d(4, 4, 3, padding=1, groups=2)
    x = torch.randn(2, 4, 5, 5)
    with torch.autocast("cpu", torch.bfloat16):
        found, expected = conv(x), torch.nn.functional.conv2d(x, conv.weight, padding=1, groups=2)
    assert found.dtype == expected.dtype == torch.bfloat16
    assert torch.equal(found, expected)
    found.float().sum().backward()
    assert conv.weight.grad.dtype == torch.float32


def test_the_layer_has_pytorchs_initial_weights():
    layers = []
    for build in (
        lambda: GroupedConv2d(6, 4, 3, padding=1, groups=2),
        lambda: torch.nn.Conv2d(6, 4, 3, padding=1, groups=2, bias=False),
    ):
        torch.manual_seed(0)
        layers.append(build())
    assert torch.equal(layers[0].weight, layers[1].weight)
    x = torch.randn(2, 6, 5, 5)
    assert torch.equal(layers[0](x), layers[1](x))
