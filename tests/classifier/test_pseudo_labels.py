"""Pseudo-labels: which images get one, and which."""

import numpy as np
import pytest

from ganaug.classifier.pseudo_labels import pooled, pseudo_labelled
from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages

IMAGES = LabelledImages(
    np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.arange(4) % 2, ("even", "odd")
).without_labels()
PROBABILITIES = np.array([[0.5, 0.5], [0.2, 0.8], [0.39, 0.61], [1.0, 0.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("confidence", "kept", "labels"), [(0.0, [0, 1, 2, 3], [0, 1, 1, 0]), (0.6, [1, 2, 3], [1, 1, 0]), (0.8, [3], [0])]
)
def test_images_above_the_confidence_get_the_most_probable_class(confidence, kept, labels):
    found = pseudo_labelled(IMAGES, PROBABILITIES, confidence, "ensemble")
    assert found.images.ravel().tolist() == kept
    assert found.labels.dtype == np.int64
    assert found.labels.tolist() == labels


@pytest.mark.parametrize(
    ("teacher", "steps"), [("ensemble", "train_ensemble.steps"), ("both", "train_ensemble.steps, train_gan.steps")]
)
def test_a_teacher_that_is_sure_of_nothing_is_told(teacher, steps):
    with pytest.raises(InputError) as error:
        pseudo_labelled(IMAGES.subset([0, 2]), PROBABILITIES[[0, 2]], 0.7, teacher)
    assert str(error.value) == (
        f"teacher '{teacher}' is sure of none of 2 images without labels; lower confidence (0.7), or train it for "
        f"longer ({steps})"
    )


def test_pooled_opinions_by_hand():
    # √(0.9 · 0.4) = 0.6 and √(0.1 · 0.6) = 0.245; 0.6 / 0.845 = 0.710
    found = pooled(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.4, 0.6], [1.0, 0.0]]))
    np.testing.assert_allclose(found, [[0.710102, 0.289898], [1.0, 0.0]], atol=1e-6)


def test_opinions_that_rule_each_other_out_leave_no_class():
    found = pooled(np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32))
    assert found.tolist() == [[0, 0]]


def test_pooling_an_opinion_with_itself_changes_nothing():
    np.testing.assert_allclose(pooled(PROBABILITIES, PROBABILITIES), PROBABILITIES, atol=1e-6)
