"""The low-pass filter, against hand-derived values."""

import pytest
import torch

from ganaug.gan.filters import downsample, low_pass, upsample


def test_an_impulse_becomes_the_filter():
    x = torch.zeros(1, 2, 7, 7)
    x[0, 0, 3, 3] = 64
    response = low_pass(x, padding=0)
    line = torch.tensor([1.0, 3.0, 3.0, 1.0])
    assert torch.equal(response[0, 0], torch.outer(line, line))
    assert not response[0, 1].any()  # channels do not mix


@pytest.mark.parametrize(("height", "width"), [(8, 8), (9, 6), (2, 3)])
def test_downsampling_rounds_sizes_down_and_upsampling_doubles_them(height, width):
    x = torch.randn(2, 3, height, width)
    assert downsample(x).shape == (2, 3, height // 2, width // 2)
    assert upsample(x).shape == (2, 3, 2 * height, 2 * width)


@pytest.mark.parametrize("x", [torch.randn(2, 3, 8, 8), torch.randn(2, 5, 6, 6, dtype=torch.float64)])
def test_the_filter_has_the_type_and_channels_of_its_input(x):
    assert low_pass(x, padding=0).shape == (2, x.shape[1], x.shape[2] - 3, x.shape[3] - 3)
    assert low_pass(x, padding=0).dtype == x.dtype


def test_a_filter_first_used_without_gradients_works_with_them():
    x = torch.randn(1, 1, 8, 8)
    with torch.no_grad():
        low_pass(x, padding=0)
    low_pass(x.requires_grad_(), padding=0).sum().backward()
    assert x.grad[0, 0, 4, 4].item() == pytest.approx(1)  # the filter's sum


def test_a_constant_image_stays_constant_away_from_the_border():
    x = torch.full((1, 1, 8, 8), 5.0)
    assert torch.allclose(downsample(x)[..., 1:-1, 1:-1], torch.tensor(5.0))
    assert torch.allclose(upsample(x), torch.tensor(5.0))


def test_upsampling_equals_inserting_zeros_and_filtering():
    x = torch.randn(1, 1, 6, 6)
    sparse = torch.zeros(1, 1, 13, 13)
    sparse[..., 1::2, 1::2] = x
    assert torch.allclose(4 * low_pass(sparse, padding=1)[..., 1:-1, 1:-1], upsample(x)[..., 1:-1, 1:-1], atol=1e-6)


@pytest.mark.parametrize("resample", [upsample, downsample])
def test_half_precision_works_on_the_cpu(resample):
    x = torch.randn(1, 2, 8, 8)
    assert torch.allclose(resample(x.bfloat16()).float(), resample(x), atol=0.05)
