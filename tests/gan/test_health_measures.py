"""Measures of a GAN's health, on tiny sets, computed by hand."""

from itertools import pairwise
from math import log

import numpy as np
import pytest
from points import column, normal

from ganaug.gan.health_measures import diversity, mutual_distance, near_copies, source_effect, summarise_realness


def test_realness_summary_is_the_mean_probability_and_the_share_above_the_threshold():
    # σ(0) = 1/2, σ(ln 3) = 3/4, σ(−ln 3) = 1/4; the threshold itself is not above
    assert summarise_realness(np.array([0, log(3), -log(3)]), 0.0) == pytest.approx((1 / 2, 1 / 3))
    assert summarise_realness(np.array([2 + log(3), 2]), 2.0) == pytest.approx((5 / 8, 1 / 2))


def test_the_realness_summary_is_finite_for_extreme_realness():
    assert summarise_realness(np.array([1e30, -1e30, -1e30, -1e30], dtype=np.float32), 0.0) == (0.25, 0.25)


def test_mutual_distance_by_hand():
    # First class: each fake is 1 from the nearest held-out image, each of these 1 from a fake and 2 from the other.
    # Second class: the fake is 3 from the nearest, these 3 and 10 from the fake and 7 from each other.
    fake, labels = column(0, 4, 100), np.array([0, 0, 1])
    held_out, held_out_labels = column(110, 1, 3, 103), np.array([1, 0, 0, 1])
    fidelity, coverage, unit = (1 + 1 + 3) / 3, (1 + 1 + 3 + 10) / 4, (2 + 2 + 7 + 7) / 4
    found = mutual_distance(fake, labels, held_out, held_out_labels)
    assert found == pytest.approx((fidelity + coverage) / (2 * unit))


LABELS = np.arange(300) % 2


def drawn(seed: int) -> np.ndarray:
    """Return features of two classes whose centres are 4 apart in each of three numbers."""
    return normal(300, 3, seed) + 4 * LABELS[:, None]


def distance(fake: np.ndarray, labels: np.ndarray = LABELS) -> float:
    return mutual_distance(fake, labels, drawn(0), LABELS)


def test_images_of_the_same_distribution_have_a_mutual_distance_of_about_1():
    assert distance(drawn(1)) == pytest.approx(1, abs=0.1)


def test_mutual_distance_grows_with_a_shift():
    distances = [distance(drawn(1) + shift) for shift in (0, 0.5, 1, 2, 4)]
    assert all(later > 1.05 * sooner for sooner, later in pairwise(distances))


def test_images_that_are_too_similar_are_far():
    centres = 4 * LABELS[:, None]
    assert distance(centres + 0.3 * (drawn(1) - centres)) > 1.1
    assert distance(drawn(1)[LABELS]) > 2  # one image per class, repeated


def test_perfect_images_of_half_of_a_class_are_as_far_as_the_other_half():
    held_out, fake, zeros = column(-2, -1, 1, 2), column(1, 2, 1, 2), np.zeros(4, dtype=int)
    # fidelity is 0; from the real images it is 3, 2, 0 and 0 to a fake, and 1 to each other
    assert mutual_distance(fake, zeros, held_out, zeros) == pytest.approx((0 + 5 / 4) / 2)


def test_realistic_images_of_the_wrong_class_are_far():
    assert distance(drawn(1), 1 - LABELS) > 3  # the same images with swapped labels


def test_unit_and_origin_of_the_features_do_not_matter():
    expected = distance(drawn(1))
    found = mutual_distance(9 * drawn(1) - 4, LABELS, 9 * drawn(0) - 4, LABELS)
    assert found == pytest.approx(expected)


def test_classes_with_a_single_held_out_image_have_no_unit_of_their_own():
    fake, held_out, labels = column(0, 10), column(1, 2, 40), np.array([0, 0, 1])
    # fidelity 1 and 30, from the real images 1, 2 and 30; only the first two have another one, 1 away
    assert mutual_distance(fake, np.array([0, 1]), held_out, labels) == pytest.approx((31 / 2 + 33 / 3) / 2)
    # no class has two images: the unit is that of the features
    assert mutual_distance(fake, np.array([0, 1]), column(3, 5), np.array([0, 1])) == pytest.approx(4)


def test_identical_held_out_images_do_not_divide_by_0():
    for seed in range(20):
        held_out, zeros = np.repeat(np.abs(normal(1, 64, seed)), 3, axis=0), np.zeros(3, dtype=int)
        assert mutual_distance(held_out + 1, zeros, held_out, zeros) == pytest.approx(8)  # √64, in the features' unit


def test_diversity_by_hand():
    # class 0: fake 1 apart, real 2; class 1: fake 3, 3 and 6 apart, 4 on average, real 8
    fake, labels = column(0, 1, 10, 13, 16), np.array([0, 0, 1, 1, 1])
    real, real_labels = column(7, 5, 20, 28), np.array([0, 0, 1, 1])
    assert diversity(fake, labels, real, real_labels) == pytest.approx({0: 1 / 2, 1: 1 / 2})


def test_diversity_is_about_1_for_the_same_distribution_and_about_0_for_a_collapsed_class():
    labels = np.arange(300) % 2
    real, fake = normal(300, 5, 0), normal(300, 5, 1)
    real[labels == 1] *= 10  # each class is measured by its own spread
    fake[labels == 1] *= 10
    assert diversity(fake, labels, real, labels) == pytest.approx({0: 1, 1: 1}, abs=0.1)
    fake[labels == 1] = fake[1]
    ratios = diversity(fake, labels, real, labels)
    assert ratios[0] == pytest.approx(1, abs=0.1)
    assert ratios[1] == pytest.approx(0, abs=1e-6)


def test_differences_between_classes_are_not_diversity():
    labels, real = np.array([0, 0, 1, 1]), column(0, 1, 100, 101)
    assert diversity(column(0, 0, 100, 100), labels, real, labels) == {0: 0, 1: 0}


@pytest.mark.parametrize("few", ["fake", "real"])
def test_diversity_leaves_out_classes_with_a_single_image(few):
    labels = {"fake": np.array([0, 0, 1, 1, 2, 2]), "real": np.array([0, 0, 1, 1, 2, 2])}
    labels[few] = np.array([0, 0, 1, 2, 2, 2])
    features = column(0, 1, 2, 3, 4, 5)
    assert set(diversity(features, labels["fake"], features, labels["real"])) == {0, 2}


def test_diversity_leaves_out_classes_whose_real_images_are_all_the_same():
    for seed, count in ((seed, count) for seed in range(20) for count in (2, 3, 10)):
        real = np.repeat(np.abs(normal(1, 64, seed)), count, axis=0)
        zeros = np.zeros(count, dtype=int)
        assert diversity(normal(count, 64, seed), zeros, real, zeros) == {}


def test_near_copies_by_hand():
    # held-out images lie 1, 2 … 21 from the training image at 0: the 5% quantile is the second smallest, 2
    train, held_out = column(0, 1000), column(*range(1, 22))
    assert near_copies(column(1, -1.5, 2, 3, 500, 999), train, held_out) == pytest.approx(3 / 6)


def test_new_draws_are_near_copies_as_often_as_held_out_images():
    train, held_out, fake = (normal(count, 4, seed) for seed, count in enumerate((300, 1500, 1500)))
    assert near_copies(fake, train, held_out) == pytest.approx(0.05, abs=0.02)


def test_copies_are_near_copies():
    train, held_out = normal(100, 8, 0), normal(100, 8, 1)
    assert near_copies(train, train, held_out) == 1
    assert near_copies(train[:30] + 1e-3 * normal(30, 8, 2), train, held_out) == 1
    half = np.concatenate([train[:50], 50 + normal(50, 8, 3)])
    assert near_copies(half, train, held_out) == 0.5


def test_source_effect_by_hand():
    """Two translations of each class differ by 4; other sources move the four by 1, 1, 3 and 3."""
    images = np.array([[0.0], [4.0], [10.0], [14.0]])
    others = images + np.array([[1.0], [1.0], [3.0], [-3.0]])
    labels = np.array([0, 0, 1, 1])
    assert source_effect(images, others, labels) == pytest.approx(2 / 4)
    assert source_effect(images, images, labels) == 0.0
    swapped = images[[1, 0, 3, 2]]  # without noise, another source gives the other translation
    assert source_effect(images, swapped, labels) == 1.0
    assert source_effect(images[:1], images[:1], labels[:1]) == 1.0
