"""Scores of predictions."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score

from ganaug.classifier.scores import balanced_accuracy, comparable_mean, score

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 1, 0])


def probabilities(predicted, classes):
    """Return probabilities of one classifier, (1, N, K), with the largest entries at `predicted`."""
    return np.eye(classes)[predicted][None] * 0.5 + 0.5 / classes


def test_scores_by_hand():
    # class:      0                  1                2
    # recall:     2/3                2/2              0/1       → mean 5/9
    # precision:  2/3                2/3              none
    # F1:         2/3                4/5              0         → mean 22/45
    scores = score(probabilities(PREDICTED, 3), LABELS)
    np.testing.assert_array_equal(scores.confusion, [[2, 1, 0], [0, 2, 0], [1, 0, 0]])
    np.testing.assert_allclose(scores.recall, [2 / 3, 1, 0])
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.balanced_accuracy == pytest.approx(5 / 9)
    assert scores.macro_f1 == pytest.approx(22 / 45)


def test_figures_are_means_over_classifiers():
    both = np.concatenate([probabilities(PREDICTED, 3), probabilities(LABELS, 3)])
    scores = score(both, LABELS)
    assert scores.accuracy == pytest.approx((4 / 6 + 1) / 2)
    assert scores.balanced_accuracy == pytest.approx((5 / 9 + 1) / 2)
    assert scores.macro_f1 == pytest.approx((22 / 45 + 1) / 2)
    np.testing.assert_allclose(scores.recall, [(2 / 3 + 1) / 2, 1, 1 / 2])
    np.testing.assert_array_equal(scores.confusion, [[5, 1, 0], [0, 4, 0], [1, 0, 1]])
    np.testing.assert_array_equal(scores.right, [PREDICTED == LABELS, [True] * 6])


def test_perfect_predictions_score_1():
    scores = score(probabilities(LABELS, 3), LABELS)
    assert scores[:3] == (1.0, 1.0, 1.0)
    np.testing.assert_array_equal(scores.recall, [1, 1, 1])


def test_the_same_prediction_for_all_images_has_balanced_accuracy_of_chance():
    labels = np.array([0] * 97 + [1, 2, 3])
    scores = score(probabilities(np.zeros(100, int), 4), labels)
    assert scores.accuracy == pytest.approx(0.97)
    assert scores.balanced_accuracy == pytest.approx(0.25)


predictions = st.integers(1, 30).flatmap(
    lambda size: st.tuples(*(st.lists(st.integers(0, 4), min_size=size, max_size=size).map(np.array) for _ in range(2)))
)


@given(predictions)
def test_balanced_accuracy_is_scikit_learns(pair):
    predicted, labels = pair
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of predicted classes that do not occur
        expected = balanced_accuracy_score(labels, predicted)
    assert balanced_accuracy(predicted, labels) == pytest.approx(expected)


@given(predictions)
def test_scores_are_scikit_learns_where_every_class_occurs(pair):
    predicted, labels = (np.concatenate([part, np.arange(5)]) for part in pair)
    scores = score(probabilities(predicted, 5), labels)
    assert scores.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predicted))
    assert scores.macro_f1 == pytest.approx(f1_score(labels, predicted, average="macro"))
    np.testing.assert_allclose(scores.recall, recall_score(labels, predicted, average=None))
    assert scores.confusion.sum() == len(labels)


def test_the_order_of_summation_does_not_change_a_mean():
    one, other = [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]
    assert sum(one) != sum(other)
    assert comparable_mean(one) == comparable_mean(other) == 0.2
