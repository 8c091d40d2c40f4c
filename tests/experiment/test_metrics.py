"""Metrics of predictions: values derived by hand, and values from scikit-learn."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from ganaug.experiment.metrics import Predicted
from ganaug.experiment.metrics.accuracy import Accuracy
from ganaug.experiment.metrics.average_precision import AveragePrecision
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.metrics.brier import Brier
from ganaug.experiment.metrics.calibration_error import CalibrationError
from ganaug.experiment.metrics.log_loss import LEAST, LogLoss
from ganaug.experiment.metrics.macro_f1 import MacroF1
from ganaug.experiment.metrics.precision import Precision
from ganaug.experiment.metrics.recall import Recall
from ganaug.experiment.metrics.roc_auc import RocAuc

LABELS = np.array([0, 0, 0, 1, 1, 2])
CHOICES = np.array([0, 0, 1, 1, 1, 0])
THREE = Predicted(np.eye(3)[CHOICES] * 0.5 + 0.5 / 3, LABELS, ("a", "b", "c"))
SCORES = np.array([0.9, 0.8, 0.7, 0.6])
"""Probabilities of class b; the first and the third image are of it."""
TWO = Predicted(np.stack([1 - SCORES, SCORES], axis=1), np.array([1, 0, 1, 0]), ("a", "b"))


def test_choices_by_hand():
    # class:      a                  b                c
    # recall:     2/3                2/2              0/1       → mean 5/9
    # precision:  2/3                2/3              none
    # F1:         2/3                4/5              0         → mean 22/45
    assert Accuracy()(THREE) == pytest.approx(4 / 6)
    assert BalancedAccuracy()(THREE) == pytest.approx(5 / 9)
    assert MacroF1()(THREE) == pytest.approx(22 / 45)
    assert [Recall(of_class=name)(THREE) for name in "abc"] == pytest.approx([2 / 3, 1, 0])
    assert [Precision(of_class=name)(THREE) for name in "abc"] == pytest.approx([2 / 3, 2 / 3, 0])


def test_ranking_by_hand():
    # of the four pairs of an image of b and one of a, the third image loses one: 3/4
    assert RocAuc(of_class="b")(TWO) == pytest.approx(3 / 4)
    # the images of b rank first and third: precisions 1/1 and 2/3
    assert AveragePrecision(of_class="b")(TWO) == pytest.approx(5 / 6)
    # as images of a, they rank first and third from below
    assert AveragePrecision()(TWO) == pytest.approx(5 / 6)
    assert RocAuc()(TWO) == pytest.approx(3 / 4)


def test_equal_probabilities_share_their_rank():
    same = Predicted(np.full((4, 2), 0.5), TWO.labels, TWO.classes)
    assert RocAuc()(same) == 0.5
    assert AveragePrecision(of_class="b")(same) == 0.5  # of all four images, half are of b


def test_probabilities_by_hand():
    # of the true classes: 0.9, 0.2, 0.7, 0.4
    assert LogLoss()(TWO) == pytest.approx(-(log(0.9) + log(0.2) + log(0.7) + log(0.4)) / 4)
    # squared distances, once for each class: 2·(0.01 + 0.64 + 0.09 + 0.36) / 4
    assert Brier()(TWO) == pytest.approx(0.55)
    # ten bins, one image each: |0.9 − 1|, |0.8 − 0|, |0.7 − 1|, |0.6 − 0|
    assert CalibrationError(bins=10)(TWO) == pytest.approx((0.1 + 0.8 + 0.3 + 0.6) / 4)
    # one bin: confidence 0.75 on average, accuracy 1/2
    assert CalibrationError(bins=1)(TWO) == pytest.approx(0.25)


def test_an_impossible_class_has_a_finite_loss():
    wrong = Predicted(np.array([[1.0, 0.0]]), np.array([1]), ("a", "b"))
    assert LogLoss()(wrong) == pytest.approx(-log(LEAST)) == LogLoss().highest


def test_influence_on_precision_by_hand():
    # three images are taken for a, two of them right: precision 2/3. An image's weight w changes it to (1 + w)/(2 + w)
    # or 2/(2 + w): derivatives at 1 are 1/9, 1/9 and −2/9. Of a are three images and three are not: pseudo-values are
    # 2/3 + 2·3·derivative
    values = Precision(of_class="a").per_image(THREE)
    np.testing.assert_allclose(values, [4 / 3, 4 / 3, 2 / 3, 2 / 3, 2 / 3, -2 / 3])


def test_a_class_whose_name_is_a_number_may_be_a_number():
    digits = Predicted(THREE.probabilities, LABELS, ("0", "1", "2"))
    assert Recall(of_class=0)(digits) == pytest.approx(2 / 3)
    assert Recall(of_class=0).title == "recall of class `0`"


probabilities = st.integers(1, 40).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 2), min_size=size, max_size=size).map(lambda more: np.array([0, 1, 2, *more])),
        st.lists(st.integers(1, 6), min_size=3 * size + 9, max_size=3 * size + 9).map(
            lambda shares: np.array(shares, float).reshape(-1, 3)  # few values, so that many images share a rank
        ),
    )
)


@given(probabilities)
def test_metrics_are_scikit_learns(drawn):
    labels, shares = drawn
    chances = shares / shares.sum(1, keepdims=True)
    found, choices = Predicted(chances, labels, ("a", "b", "c")), chances.argmax(1)
    one = labels == 2
    expected = {
        Accuracy(): accuracy_score(labels, choices),
        MacroF1(): f1_score(labels, choices, average="macro", labels=[0, 1, 2]),
        Recall(of_class="c"): recall_score(one, choices == 2),
        Precision(of_class="c"): precision_score(one, choices == 2, zero_division=0),
        AveragePrecision(of_class="c"): average_precision_score(one, chances[:, 2]),
        AveragePrecision(): average_precision_score(np.eye(3)[labels], chances),
        RocAuc(of_class="c"): roc_auc_score(one, chances[:, 2]),
        RocAuc(): roc_auc_score(labels, chances, multi_class="ovr"),
        LogLoss(): log_loss(labels, chances),
    }
    assert {metric: metric(found) for metric in expected} == pytest.approx(expected)
