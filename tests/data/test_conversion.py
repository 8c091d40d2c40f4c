"""Converting one image to the given size and channels."""

import numpy as np
import pytest

from ganaug.data.conversion import as_channels, fitted, over, with_channels

WHITE = (255, 255, 255)


def test_opacity_mixes_colour_and_background():
    # 100 · 51/255 + 255 · 204/255 = 20 + 204
    pixels = np.array([[[100, 0, 200, 51], [100, 0, 200, 255], [100, 0, 200, 0]]], np.uint8)
    np.testing.assert_array_equal(over(pixels, WHITE)[0], [[224, 204, 244], [100, 0, 200], WHITE])


def test_opacity_of_sixteen_bits_mixes_in_sixteen_bits():
    pixels = np.array([[[1000, 65535], [1000, 0]]], np.uint16)
    np.testing.assert_array_equal(over(pixels, (10, 10, 10))[0, :, 0], [1000, 10 * 257])


def test_a_colour_in_any_number_of_channels():
    # 0.299 · 100 + 0.587 · 50 + 0.114 · 200 = 82.05
    assert [as_channels((100, 50, 200), channels).tolist() for channels in (1, 2, 3, 4)] == [
        *([82], [82, 0]),
        *([100, 50, 200], [100, 50, 200, 0]),
    ]


STRIPES = np.repeat(np.array([10, 200, 200, 30], np.uint8), 8)[None, :, None].repeat(16, axis=0)
"""16 high and 32 wide: a quarter of 10, half of 200, a quarter of 30."""


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_crop_keeps_the_middle(dtype):
    np.testing.assert_array_equal(fitted(STRIPES.astype(dtype), (16, 16), "crop", WHITE), np.full((16, 16, 1), 200))


def test_pad_keeps_everything_in_the_middle_of_the_background():
    padded = fitted(STRIPES, (32, 32), "pad", (7, 7, 7))
    np.testing.assert_array_equal(padded[8:24], STRIPES)
    assert (padded[:8] == 7).all()
    assert (padded[24:] == 7).all()


def test_pad_leaves_the_background_open_where_values_have_no_range_yet():
    padded = fitted(STRIPES.astype(np.float32), (32, 32), "pad", WHITE)
    np.testing.assert_allclose(padded[8:24], STRIPES, atol=1e-4)
    assert np.isnan(padded[:8]).all()


@pytest.mark.parametrize("fit", ["resize", "crop", "pad"])
@pytest.mark.parametrize("shape", [(5, 31), (31, 5), (17, 17), (1, 300)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_image_gets_the_size(fit, shape, dtype, channels):
    image = np.full((*shape, channels), 9, dtype)
    sized = fitted(image, (12, 20), fit, (9, 9, 9))
    assert sized.shape == (12, 20, channels)
    assert sized.dtype == dtype
    assert fitted(sized, (12, 20), fit, WHITE) is sized


def test_floats_change_between_grey_and_colour():
    grey = np.array([[[0.5]]], np.float32)
    np.testing.assert_array_equal(with_channels(grey, 3), [[[0.5, 0.5, 0.5]]])
    colour = np.array([[[100.0, 50.0, 200.0]]], np.float32)
    np.testing.assert_allclose(with_channels(colour, 1), [[[82.05]]], rtol=1e-6)
