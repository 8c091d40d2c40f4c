"""The choice of an arm's share of synthetic images."""

import pytest

from ganaug.experiment.arm_settings import Arm
from ganaug.experiment.shares import choose_share

ARM = Arm(synthetic=(0.5, 0.0))


def test_the_share_with_the_best_mean_over_replicates_and_classifiers_is_chosen():
    trials = [{"0.0": [0.5, 0.7], "0.5": [0.9, 0.9]}, {"0.0": [0.8, 0.8], "0.5": [0.4, 0.4]}]
    # (0.5 + 0.7 + 0.8 + 0.8) / 4 = 0.7 against (0.9 + 0.9 + 0.4 + 0.4) / 4 = 0.65, although 0.5 wins in replicate 0
    assert choose_share(ARM, trials) == {"synthetic": 0.0, "val_balanced_accuracy": {"0.0": 0.7, "0.5": 0.65}}
    assert choose_share(ARM, trials[:1]) == {"synthetic": 0.5, "val_balanced_accuracy": {"0.0": 0.6, "0.5": 0.9}}


@pytest.mark.parametrize("first", [0.1, 0.3])
def test_the_smallest_of_equally_good_shares_is_chosen(first):
    figures = [first, 0.2, 0.3]  # whose sum depends on their order
    assert choose_share(ARM, [{"0.0": figures, "0.5": figures[::-1]}])["synthetic"] == 0.0


def test_an_arm_with_one_share_needs_no_trial():
    assert choose_share(Arm(synthetic=0.25), [{}, {}]) == {"synthetic": 0.25, "val_balanced_accuracy": {}}
