"""Classes of nearest training images."""

import numpy as np

from ganaug.classifier.nearest_neighbour import nearest_neighbour
from ganaug.core import rows
from ganaug.data.images import LabelledImages


def images(*values, labels=None):
    """Return images of one pixel."""
    pixels = np.array(values, np.uint8).reshape(-1, 1, 1, 1)
    return LabelledImages(pixels, np.array(labels or [0] * len(values), np.int64), ("a", "b", "c"))


def test_an_image_gets_the_class_of_the_nearest_training_image():
    train = images(0, 100, 200, labels=[2, 0, 1])
    assert nearest_neighbour(train, images(40, 60, 255, 100).images).argmax(1).tolist() == [2, 0, 1, 0]


def test_probabilities_are_certain_and_ties_go_to_the_first():
    found = nearest_neighbour(images(0, 100, labels=[1, 0]), images(50).images)
    assert found.dtype == np.float32
    assert found.tolist() == [[0.0, 1.0, 0.0]]


def test_no_images_give_no_rows():
    assert nearest_neighbour(images(0), np.zeros((0, 1, 1, 1), np.uint8)).shape == (0, 3)


def test_the_size_of_chunks_changes_nothing(two_colours, monkeypatch):
    train, new = two_colours(20), two_colours(30, seed=1)
    whole = nearest_neighbour(train, new.images)
    monkeypatch.setattr(rows, "CHUNK_BYTES", 1)
    np.testing.assert_array_equal(nearest_neighbour(train, new.images), whole)
    assert (whole.argmax(1) == new.labels).all()
