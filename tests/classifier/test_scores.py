"""Balanced accuracy, and means that can be compared."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from ganaug.classifier.scores import balanced_accuracy, comparable_mean

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


def test_the_order_of_summation_does_not_change_a_mean():
    one, other = [0.1, 0.2, 0.3], [0.3, 0.2, 0.1]
    assert np.mean(one) != np.mean(other)
    assert comparable_mean(one) == comparable_mean(other) == 0.2
