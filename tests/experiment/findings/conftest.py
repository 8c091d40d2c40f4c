"""Makes answers from predictions, for the tests of findings."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from ganaug.experiment.findings.answers import Answers


@pytest.fixture
def scored() -> Callable[..., Answers]:
    """Return a function that makes answers from one classifier's predicted labels (N,)."""

    def make(predicted: Sequence[int], labels: Sequence[int], classes: int) -> Answers:
        return Answers.of(np.eye(classes, dtype=np.float32)[np.asarray(predicted)][None], np.asarray(labels))

    return make
