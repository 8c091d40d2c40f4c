"""Choosing the images that get pseudo-labels, and the pseudo-labels."""

from typing import get_args

import numpy as np
import pytest

from ganaug.classifier.pseudo_labels import TRAINING_LENGTH, Teacher, geometric_mean, pseudo_labelled
from ganaug.core.errors import InputError
from ganaug.data.images import UNLABELLED, LabelledImages

IMAGES = LabelledImages(
    np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.arange(4) % 2, ("even", "odd")
).without_labels()
PROBABILITIES = np.array([[0.5, 0.5], [0.2, 0.8], [0.39, 0.61], [1.0, 0.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("threshold", "kept", "labels"), [(0.0, [0, 1, 2, 3], [0, 1, 1, 0]), (0.6, [1, 2, 3], [1, 1, 0]), (0.8, [3], [0])]
)
def test_images_above_the_threshold_get_the_most_probable_class(threshold, kept, labels):
    found = pseudo_labelled(IMAGES, PROBABILITIES, threshold, "ensemble")
    assert found.images.ravel().tolist() == kept
    assert found.labels.dtype == np.int64
    assert found.labels.tolist() == labels


def test_the_given_images_are_not_changed():
    before = IMAGES.images.copy()
    pseudo_labelled(IMAGES, PROBABILITIES, 0.0, "ensemble")
    assert (IMAGES.labels == UNLABELLED).all()
    np.testing.assert_array_equal(IMAGES.images, before)


@pytest.mark.parametrize(
    ("teacher", "steps"), [("ensemble", "train_ensemble.steps"), ("both", "train_ensemble.steps, train_gan.steps")]
)
def test_a_teacher_without_confident_predictions_is_an_input_error(teacher, steps):
    with pytest.raises(InputError) as error:
        pseudo_labelled(IMAGES.subset([0, 2]), PROBABILITIES[[0, 2]], 0.7, teacher)
    assert str(error.value) == (
        f"teacher '{teacher}' is confident about none of the 2 unlabelled images; lower pseudo_label_threshold (0.7), "
        f"or train the teacher for longer ({steps})"
    )


def test_every_teacher_has_a_training_length():
    assert set(TRAINING_LENGTH) == set(get_args(Teacher))


def test_geometric_mean_by_hand():
    # √(0.9 · 0.4) = 0.6 and √(0.1 · 0.6) = 0.245; 0.6 / 0.845 = 0.710
    found = geometric_mean(np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.4, 0.6], [1.0, 0.0]]))
    np.testing.assert_allclose(found, [[0.710102, 0.289898], [1.0, 0.0]], atol=1e-6)


def test_predictions_that_rule_out_all_classes_leave_none():
    found = geometric_mean(np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32))
    assert found.tolist() == [[0, 0]]


def test_the_geometric_mean_of_equal_predictions_is_the_prediction():
    np.testing.assert_allclose(geometric_mean(PROBABILITIES, PROBABILITIES), PROBABILITIES, atol=1e-6)
