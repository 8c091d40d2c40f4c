"""Modulated convolutions at reduced width. At full width, tests of StyleGAN2 cover them."""

import pytest
import torch

from ganaug.gan.modulation import ModulatedConv, ToImage, kept


@pytest.mark.parametrize(
    ("channels", "width", "expected"), [(8, 0.5, 4), (10, 0.3, 3), (10, 0.7, 7), (5, 0.5, 3), (4, 0.1, 1), (7, 1.0, 7)]
)
def test_a_share_of_channels_is_rounded_up(channels, width, expected):
    assert kept(channels, width) == expected
    layer = ToImage(channels, 1, 4)
    x = torch.randn(1, channels, 2, 2, requires_grad=True)
    layer(x, torch.randn(1, 4), torch.tensor([[width]])).sum().backward()
    assert (x.grad.abs().sum((0, 2, 3)) > 0).tolist() == [place < expected for place in range(channels)]


@pytest.mark.parametrize("double", [False, True])
def test_channels_with_style_0_are_as_good_as_absent(double):
    """Half of six inputs and of five outputs: three, rounded up; the scaling of outputs counts these inputs only."""
    layer, x, w = ModulatedConv(6, 5, 3, 8, double=double), torch.randn(4, 6, 5, 5), torch.randn(4, 8)
    bias = torch.randn(5, 1, 1)
    sliced = layer(x[:, :3], w, bias, width=0.5)
    masked = layer(x, w, bias, width=torch.full((4, 1), 0.5))
    assert sliced.shape[1] == 3
    assert torch.allclose(masked[:, :3], sliced, atol=1e-6)
    whole = layer(x, w, bias)
    assert torch.allclose(layer(x, w, bias, width=torch.ones(4, 1)), whole, atol=1e-6)
    assert not torch.allclose(whole[:, :3], sliced, atol=0.1)


def test_each_image_may_have_a_width_of_its_own():
    layer, x, w = ModulatedConv(4, 4, 3, 8), torch.randn(2, 4, 5, 5), torch.randn(2, 8)
    bias, widths = torch.zeros(4, 1, 1), torch.tensor([[1.0], [0.5]])
    both = layer(x, w, bias, width=widths)
    assert torch.allclose(both[:1], layer(x[:1], w[:1], bias), atol=1e-6)
    assert torch.allclose(both[1:, :2], layer(x[1:, :2], w[1:], bias, width=0.5), atol=1e-6)


def test_colours_come_from_the_first_channels_only():
    layer, x, w = ToImage(6, 3, 8), torch.randn(2, 6, 4, 4), torch.randn(2, 8)
    assert torch.allclose(layer(x, w, torch.full((2, 1), 0.5)), layer(x[:, :3], w, 0.5), atol=1e-6)
