"""Routed convolutions give what a convolution per class gives."""

import pytest
import torch
from torch.nn.functional import conv2d, pad

from ganaug.gan.conditioning import conditions
from ganaug.gan.routing import RoutedConv2d, routed


def test_shares_of_the_networks():
    condition = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.5]])
    assert routed(condition, 2).tolist() == [[1, 0], [0.5, 0.5], [0.25, 0.75]]
    assert routed(condition, 1).tolist() == [[1], [1], [1]]


@pytest.mark.parametrize(("kernel", "stride", "reflect"), [(3, 1, False), (3, 2, False), (4, 2, False), (7, 1, True)])
def test_each_image_goes_through_the_convolution_of_its_class(kernel, stride, reflect):
    torch.manual_seed(0)
    layer = RoutedConv2d(3, 2, 5, kernel, stride=stride, reflect=reflect)
    torch.nn.init.normal_(layer.bias)
    x, labels = torch.randn(6, 2, 9, 8), torch.tensor([2, 0, 0, 1, 2, 1])
    out = layer(x, routed(conditions(labels, 3), 3))
    weights = layer.weight.view(3, 5, 2, kernel, kernel)
    padding = (kernel - 1) // 2
    padded = pad(x, 4 * [padding], mode="reflect") if reflect else pad(x, 4 * [padding])
    for index, label in enumerate(labels.tolist()):
        expected = conv2d(padded[index : index + 1], weights[label], layer.bias[label], stride)
        assert torch.allclose(out[index : index + 1], expected, atol=1e-6)


def test_an_image_without_class_goes_through_their_mean():
    torch.manual_seed(0)
    layer, x = RoutedConv2d(2, 1, 1, 3), torch.randn(1, 1, 4, 4)
    first, second, neither = (layer(x, routed(torch.tensor([row]), 2)) for row in ([1.0, 0.0], [0.0, 1.0], [0.0, 0.0]))
    assert torch.allclose(neither, (first + second) / 2, atol=1e-6)


def test_a_class_trains_only_its_own_convolution():
    layer = RoutedConv2d(3, 1, 1, 3)
    layer(torch.randn(2, 1, 4, 4), routed(conditions(torch.tensor([1, 1]), 3), 3)).sum().backward()
    assert layer.weight.grad[1].abs().sum() > 0
    assert layer.weight.grad[[0, 2]].abs().sum() == 0
