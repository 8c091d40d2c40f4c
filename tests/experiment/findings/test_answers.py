"""Classifiers' answers on labelled images."""

import numpy as np
import pytest

from ganaug.experiment.findings.answers import Answers


def test_answers_of_two_classifiers_by_hand():
    labels = np.array([0, 0, 1, 1, 2])
    first, second = [0, 0, 1, 0, 0], [0, 1, 1, 1, 0]
    answers = Answers.of(np.eye(3)[[first, second]], labels)
    assert answers.confusion.tolist() == [[3, 1, 0], [1, 3, 0], [2, 0, 0]]
    assert answers.right.tolist() == [[True, True, True, False, False], [True, False, True, True, False]]
    assert answers.images.tolist() == [2, 2, 1]
    assert answers.recall.tolist() == [0.75, 0.75, 0.0]
    assert answers.balanced_accuracy == pytest.approx(0.5)
    assert answers.classes == 2
