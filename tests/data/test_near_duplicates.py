"""Nearly equal images are found, and merely similar images are not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from ganaug.core import rows
from ganaug.data import near_duplicates as module
from ganaug.data.near_duplicates import SIMILAR, near_duplicates


def scenes(count, size=40, seed=0):
    """Return smooth random pictures, (N, 3, size, size)."""
    small = np.random.default_rng(seed).integers(0, 256, (count, 5, 5, 3), dtype=np.uint8)
    return np.stack([np.asarray(Image.fromarray(one).resize((size, size))) for one in small]).transpose(0, 3, 1, 2)


def changed(image, how):
    """Return another shot of the image (3, H, W)."""
    picture = Image.fromarray(image.transpose(1, 2, 0))
    if how == "encoded":
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=60)
        picture = Image.open(buffer).convert("RGB")
    elif how == "darker":
        picture = ImageEnhance.Brightness(picture).enhance(0.6)
    elif how == "flatter":
        picture = ImageEnhance.Contrast(picture).enhance(0.5)
    else:
        small = picture.resize((24, 24))
        picture = small.resize(picture.size)
    return np.asarray(picture).transpose(2, 0, 1)


@pytest.mark.parametrize("how", ["encoded", "darker", "flatter", "scaled"])
def test_other_shots_of_an_image_are_found(how):
    images = scenes(30)
    images[20] = changed(images[3], how)
    assert near_duplicates(images).numbers.tolist() == [[3, 20]]


@pytest.mark.parametrize("block", [7, 64])
@pytest.mark.parametrize("chunk", [10_000, 10**8])
def test_pairs_are_those_whose_normalised_pixels_correlate(monkeypatch, block, chunk):
    monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(rows, "CHUNK_BYTES", chunk)
    images = scenes(50, size=24)
    images[40:] = images[:10] // 2 + np.random.default_rng(1).integers(0, 4, images[:10].shape, np.uint8)
    flat = images.mean(axis=1).reshape(50, -1)
    correlation = np.corrcoef(flat)
    expected = {(i, j) for i in range(50) for j in range(i + 1, 50) if correlation[i, j] >= SIMILAR}
    found = near_duplicates(images)
    assert set(map(tuple, found.numbers.tolist())) == expected
    assert len(expected) == 10
    np.testing.assert_allclose(found.similarity, [correlation[i, j] for i, j in found.numbers], atol=1e-5)
    assert (np.diff(found.similarity) <= 0).all()


def test_only_pairs_on_two_sides_are_found():
    images = np.concatenate([scenes(4), scenes(4) // 2, scenes(4) // 3])
    sides = np.array([0, 0, 0, -1, 0, 1, 1, 1, 2, 2, 1, 2])
    pairs = {tuple(sorted(pair)) for pair in near_duplicates(images, sides).numbers.tolist()}
    # 0, 4, 8 are alike, and so are 1, 5, 9 and so on; 3 is left out
    assert pairs == {(0, 8), (4, 8), (1, 5), (1, 9), (5, 9), (2, 6), (2, 10), (7, 11)}


def test_flat_images_are_like_no_other():
    assert len(near_duplicates(np.full((5, 1, 8, 8), 7, np.uint8))) == 0


def test_opacity_does_not_count():
    images = np.concatenate([scenes(5), np.random.default_rng(0).integers(0, 256, (5, 1, 40, 40), np.uint8)], axis=1)
    twice = np.concatenate([images, images])
    twice[5:, 3] = 255
    assert sorted(near_duplicates(twice).numbers.tolist()) == [[i, i + 5] for i in range(5)]


def test_nothing_to_compare_gives_no_pairs():
    assert near_duplicates(scenes(3), np.array([0, 0, 0])).numbers.shape == (0, 2)
