"""SMOTE on images small enough to draw by hand."""

import numpy as np
import pytest

from ganaug.classifier.oversampling.smote import Smote
from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages


def images(values, labels):
    pixels = np.array(values, dtype=np.uint8).reshape(-1, 1, 1, 2)
    return LabelledImages(pixels, np.array(labels), ("many", "few"))


def test_new_images_lie_between_two_images_of_the_class():
    """The two rare images differ in the first pixel only: 100 and 200."""
    many = [[0, 0]] * 20
    made = Smote()(images([*many, [100, 50], [200, 50]], [0] * 20 + [1, 1]), None, 0)
    assert made.counts == {"many": 0, "few": 18}
    first, second = made.images.reshape(-1, 2).T
    assert (second == 50).all()
    assert ((first >= 100) & (first <= 200)).all()
    assert len(set(first.tolist())) > 10


def test_only_nearest_neighbours_are_mixed():
    """Pairs 0, 10 and 200, 210: with one neighbour, nothing lies between the pairs."""
    rare = [[0, 0], [10, 0], [200, 0], [210, 0]]
    made = Smote(neighbours=1)(images([[0, 255]] * 50 + rare, [0] * 50 + [1] * 4), None, 0)
    first = made.images[:, 0, 0, 0]
    assert not ((first > 10) & (first < 200)).any()


def test_each_class_has_as_many_neighbours_as_it_can():
    """A class of two must not keep a class of four from mixing all of its images."""
    values = [[0, 255]] * 60 + [[0, 0], [10, 0], [200, 0], [210, 0]] + [[0, 50], [9, 50]]
    pixels = np.array(values, dtype=np.uint8).reshape(-1, 1, 1, 2)
    labels = np.repeat([0, 1, 2], [60, 4, 2])
    made = Smote()(LabelledImages(pixels, labels, ("many", "four", "two")), None, 0)
    assert made.counts == {"many": 0, "four": 56, "two": 58}
    first = made.images[made.labels == 1, 0, 0, 0]
    assert ((first > 20) & (first < 190)).any()


def test_without_the_library_its_extra_is_named(monkeypatch):
    monkeypatch.setattr("ganaug.core.extras.find_spec", lambda library: None)
    with pytest.raises(InputError, match=r"imblearn is not installed; .* pip install 'ganaug\[imbalanced\]"):
        Smote()


def test_a_class_of_one_image_is_refused_by_name():
    with pytest.raises(InputError, match="class 'few' has one image"):
        Smote()(images([[0, 0]] * 3 + [[9, 9]], [0, 0, 0, 1]), None, 0)
