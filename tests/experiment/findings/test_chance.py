"""Classifiers that have learned nothing."""

import numpy as np
import pytest

from ganaug.experiment.findings.chance import at_chance, learned_nothing, mean_balanced_accuracy


@pytest.fixture
def two_classes(scored):
    """Return scores on two classes of `each` images, with the first `first` and `second` images right."""

    def make(first: int, second: int, each: int = 50):
        labels = np.repeat([0, 1], each)
        right = np.concatenate([np.arange(each) < first, np.arange(each) < second])
        return scored(np.where(right, labels, 1 - labels), labels, 2)

    return make


def test_chance_and_its_noise_by_hand(two_classes):
    # both classes are predicted half of the time: a recall has the variance 0.25 / 50, their mean a standard error of
    # √(2 · 0.005) / 2 = 0.05, and 0.5 + 1.645 · 0.05 is 0.582
    assert at_chance([two_classes(29, 29)])
    assert not at_chance([two_classes(30, 29)])
    assert at_chance([two_classes(25, 25)])
    assert at_chance([two_classes(10, 10)])  # worse than chance also counts as chance


def test_replicates_add_evidence(two_classes):
    # four replicates halve the error: 0.5 + 1.645 · 0.025 is 0.541
    assert at_chance([two_classes(28, 28)])
    assert not at_chance([two_classes(28, 28)] * 4)
    assert at_chance([two_classes(27, 27)] * 4)


@pytest.mark.parametrize("each", [1, 2, 50])
def test_one_predicted_class_is_exactly_chance_however_few_images_there_are(two_classes, each):
    assert at_chance([two_classes(each, 0, each)])


def test_too_few_images_to_tell_accuse_nobody(two_classes):
    # with two images per class the error is √(2 · 0.125) / 2 = 0.25, and 0.5 + 1.645 · 0.25 is 0.91, above 0.75
    assert not at_chance([two_classes(1, 1, 2)])
    assert at_chance([two_classes(1, 1, 2)] * 4)  # 0.5 + 1.645 · 0.125 is 0.71


def test_a_rare_class_makes_chance_noisier(scored):
    """1,000 images of one class, 4 of the other, each predicted half of the time: a recall of 0.75 is luck."""
    labels = np.repeat([0, 1], [1000, 4])
    predicted = np.concatenate([np.arange(1000) % 2, [1, 1, 1, 0]])
    assert at_chance([scored(predicted, labels, 2)] * 2)


def test_random_labels_are_at_chance_in_about_95_of_100_cases(scored):
    randomness = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), [100, 40, 40, 20, 20])
    predicted = randomness.choice(5, len(labels), p=[0.6, 0.2, 0.1, 0.05, 0.05])
    found = [at_chance([scored(predicted, randomness.permutation(labels), 5)]) for _ in range(400)]
    assert 0.92 <= np.mean(found) <= 0.98


def test_a_single_class_in_half_of_the_replicates_is_nothing_learned(two_classes):
    good, single = two_classes(50, 50), two_classes(50, 0)
    assert not at_chance([good, single])
    assert learned_nothing([good, single])
    assert not learned_nothing([good, good, single])
    assert not learned_nothing([good])
    assert learned_nothing([two_classes(25, 25)])


def test_replicates_have_the_same_weight(two_classes):
    assert mean_balanced_accuracy([two_classes(50, 40), two_classes(50, 50)]) == pytest.approx(0.95)
