"""Choosing an arm's share of synthetic images."""

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.shares import choose_share
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.metrics.log_loss import LogLoss
from ganaug.experiment.metrics.recall import Recall

SHARES = (0.0, 0.5)
VAL = LabelledImages(np.zeros((20, 1, 2, 2), np.uint8), np.repeat([0, 1], 10), ("a", "b"), {"name": "folder"})
METRIC = BalancedAccuracy()


def trial(*shares):
    """Return one replicate's predictions with these balanced accuracies: one per classifier, for each share."""

    def classifier(accuracy):
        right = np.tile(np.arange(10) < round(10 * accuracy), 2)
        return np.eye(2, dtype=np.float32)[np.where(right, VAL.labels, 1 - VAL.labels)]

    return np.array([[classifier(accuracy) for accuracy in share] for share in shares])


def test_the_share_with_the_best_mean_over_replicates_and_classifiers_is_chosen():
    trials = [trial([0.5, 0.7], [0.9, 0.9]), trial([0.8, 0.8], [0.4, 0.4])]
    # (0.5 + 0.7 + 0.8 + 0.8) / 4 = 0.7 against (0.9 + 0.9 + 0.4 + 0.4) / 4 = 0.65, although 0.5 wins in replicate 0
    assert choose_share(SHARES, METRIC, trials, VAL) == (0.0, {0.0: 0.7, 0.5: 0.65})
    assert choose_share(SHARES, METRIC, trials[:1], VAL) == (0.5, {0.0: 0.6, 0.5: 0.9})


@pytest.mark.parametrize("first", [0.1, 0.3])
def test_the_smallest_of_equally_good_shares_is_chosen(first):
    figures = [first, 0.2, 0.3]  # their sum depends on their order
    assert choose_share(SHARES, METRIC, [trial(figures, figures[::-1])], VAL).share == 0.0
    assert choose_share(SHARES[::-1], METRIC, [trial(figures, figures[::-1])], VAL).share == 0.0


def test_the_metric_decides():
    """With 0.5, one class is always recognised and the other less often; probabilities are more cautious."""
    careful = np.where(np.arange(20) < 10, 0.9, 0.45)
    probabilities = np.stack([careful, 1 - careful], axis=1)
    trials = [np.stack([trial([0.8])[0], probabilities[None]])]
    assert choose_share(SHARES, METRIC, trials, VAL).share == 0.5  # 1.0 against 0.8
    never_b = np.stack([np.full(20, 0.6), np.full(20, 0.4)], axis=1)
    trials = [np.stack([trial([0.8])[0], never_b[None]])]
    assert choose_share(SHARES, METRIC, trials, VAL).share == 0.0  # 0.5 against 0.8
    assert choose_share(SHARES, Recall(of_class="a"), trials, VAL).share == 0.5  # 1.0 against 0.8
    losses = choose_share(SHARES, LogLoss(), trials, VAL)
    assert losses.share == 0.5  # two of ten predicted as impossible in each class, against cautious guesses
    assert losses.means[0.5] == pytest.approx(-(np.log(0.6) + np.log(0.4)) / 2, abs=1e-6)


def test_an_arm_with_one_share_needs_no_trial():
    assert choose_share((0.25,), METRIC, [np.zeros((0, 0, 0, 0))] * 2, VAL) == (0.25, {})
