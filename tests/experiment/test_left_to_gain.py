"""The gap that baselines and a nearest neighbour leave to a GAN."""

import numpy as np
import pytest

from ganaug.data.images import LabelledImages
from ganaug.experiment.left_to_gain import left_to_gain
from ganaug.experiment.metrics.balanced_accuracy import BalancedAccuracy
from ganaug.experiment.metrics.brier import Brier
from ganaug.experiment.metrics.recall import Recall
from ganaug.experiment.statistics.measured import Measured

VAL = LabelledImages(np.zeros((200, 1, 2, 2), np.uint8), np.repeat([0, 1], 100), ("a", "b"), {"name": "folder"})
METRIC = BalancedAccuracy()


def predicted(*wrong: int) -> Measured:
    """Return one classifier's predictions in each replicate, with this number of images of class b predicted as a."""
    each = [np.where(np.arange(200) >= 200 - count, 0, VAL.labels) for count in wrong]
    return Measured.of(np.array([np.eye(2)[labels][None] for labels in each]), VAL)


def test_the_best_baseline_says_what_is_left():
    found = left_to_gain(METRIC, 0.005, {"real": predicted(20, 20), "classical": predicted(6, 10)}, predicted(30, 30))
    assert found == {
        "metric": "balanced_accuracy",
        "baselines": {"real": 0.9, "classical": 0.96},  # classical: half of (6% + 10%) / 2 of class b is wrong
        "neighbour": 0.85,
        "left": 0.04,
        "worth_trying": True,
        "sentence": "Without a GAN, balanced accuracy on the validation images is 96.0% with `classical` and 85.0% "
        "with a nearest-neighbour classifier on raw pixels: the best of them leaves about 4.0 points to gain.",
    }


@pytest.mark.parametrize(("wrong", "worth"), [(2, False), (4, True)])
def test_a_third_of_too_small_a_gap_is_probably_not_worth_training(wrong, worth):
    """A third of the 1.0 points that 2 mistakes leave is less than the half point that matters."""
    found = left_to_gain(METRIC, 0.005, {"real": predicted(wrong)}, predicted(30))
    assert found["worth_trying"] == worth
    verdict = (
        "A GAN that closed a third of that gap would gain less than the 0.5 points that matter "
        "(`evaluate.smallest_gain`): it is probably not worth training."
    )
    left = f"the best of them leaves about {wrong / 2:.1f} points to gain."
    assert found["sentence"].endswith(left if worth else f"{left} {verdict}")


def test_what_a_neighbour_knows_is_not_left():
    found = left_to_gain(METRIC, 0.005, {"real": predicted(20)}, predicted(0))
    assert (found["left"], found["worth_trying"]) == (0, False)
    assert "is 90.0% with `real` and 100.0% with a nearest-neighbour classifier on raw pixels:" in found["sentence"]
    assert "the best of them leaves about 0.0 points to gain. A GAN that closed a third" in found["sentence"]


def test_all_of_the_best_are_named():
    arms = {"real": predicted(4), "worse": predicted(9), "mixup": predicted(4), "balanced": predicted(4)}
    sentence = left_to_gain(METRIC, 0.005, arms, predicted(30))["sentence"]
    assert "is 98.0% with `real`, `mixup` and `balanced` and 85.0% with a" in sentence


def test_the_metric_is_the_one_that_decides():
    arms, neighbour = {"real": predicted(20)}, predicted(30)
    assert left_to_gain(Recall(of_class="b"), 0.005, arms, neighbour)["left"] == 0.2
    # a mistake costs 2, and 20 of 200 are mistakes
    found = left_to_gain(Brier(), 0.005, arms, neighbour)
    assert (found["baselines"], found["neighbour"], found["left"]) == ({"real": 0.2}, 0.3, 0.2)
    assert "Brier score on the validation images is 0.200 with `real`" in found["sentence"]
    assert found["sentence"].endswith("leaves about 0.200 to gain.")
    almost = left_to_gain(Brier(), 0.1, arms, neighbour)["sentence"]
    assert "would gain less than the 0.1 that matter (" in almost
