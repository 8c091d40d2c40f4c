"""Scores from predictions, for the tests of findings."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from ganaug.classifier.scores import Scores, score


@pytest.fixture
def scored() -> Callable[..., Scores]:
    """Return a function that scores predicted labels (N,) of one classifier."""

    def make(predicted: Sequence[int], labels: Sequence[int], classes: int) -> Scores:
        return score(np.eye(classes, dtype=np.float32)[np.asarray(predicted)][None], np.asarray(labels))

    return make
