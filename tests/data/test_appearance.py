"""How images look, in numbers and in words."""

import numpy as np
import pytest

from ganaug.data.appearance import Words, brightness, contrast, slant


def test_attributes_by_hand():
    """A stroke that moves by one pixel to the right for each row up leans by 1; upright strokes do not lean."""
    images = np.zeros((3, 1, 4, 4), np.uint8)
    for row in range(4):
        images[0, 0, row, 3 - row] = images[1, 0, row, row] = images[2, 0, row, 1] = 200
    assert slant(images) == pytest.approx([1, -1, 0])
    assert brightness(images) == pytest.approx([50] * 3)
    assert contrast(images) == pytest.approx([200 * (1 / 4 * 3 / 4) ** 0.5] * 3)
    assert slant(np.zeros((1, 1, 4, 4), np.uint8)).tolist() == [0]


def test_words_are_for_thirds_of_each_class():
    images = np.zeros((18, 1, 4, 4), np.uint8)
    images[:, 0, 1] = np.arange(1, 19)[:, None]  # row 1 of image i has the value i + 1: none leans
    labels = np.repeat([0, 1], 9)
    words = Words(images, labels)
    assert [text.split()[0] for text in words(images, labels)] == (["thin"] * 3 + ["medium"] * 3 + ["thick"] * 3) * 2
    # the darkest third of the second class is bright compared with the first
    assert words(images[9:10], np.array([0]))[0].startswith("thick")


def test_the_second_word_is_the_slant():
    images = np.zeros((9, 1, 5, 9), np.uint8)
    for index, shift in enumerate((-2, -2, -2, 0, 0, 0, 2, 2, 2)):
        for row in range(5):  # from the bottom to the top, to the right if the shift is positive
            images[index, 0, row, 4 + shift * (2 - row) // 2] = 200
    words = Words(images, np.zeros(9, np.int64))(images, np.zeros(9, np.int64))
    assert [text.split()[1] for text in words] == ["left"] * 3 + ["upright"] * 3 + ["right"] * 3
