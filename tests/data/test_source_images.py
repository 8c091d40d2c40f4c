"""Choosing the images that are translated into each class."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages
from ganaug.data.source_images import choose_sources, source_weights

COUNTS = {"common": 50, "middle": 20, "rare": 2}


@pytest.fixture(scope="module")
def train():
    labels = np.repeat(np.arange(3), list(COUNTS.values()))
    return LabelledImages(np.zeros((len(labels), 1, 2, 2), np.uint8), labels, tuple(COUNTS))


def weights(train, rule, label):
    """Return the weight of each class whose weight is above 0."""
    found = np.bincount(train.labels, source_weights(rule, train.labels, label))
    return {index: weight for index, weight in enumerate(found.tolist()) if weight}


def test_other_takes_every_image_of_the_other_classes_once_before_any_again(train):
    chosen = choose_sources("other", train, np.full(104, 2), 0)
    assert sorted(chosen[:70]) == list(range(70))
    assert sorted(chosen[70:]) == sorted(chosen[:34])


def test_same_takes_images_of_the_class_itself(train):
    assert sorted(choose_sources("same", train, np.full(4, 2), 0)) == [70, 70, 71, 71]


def test_common_prefers_the_more_common_and_never_a_rarer_class(train):
    # M2m, eq. 5: 1 − 0.999^(50 − 2) and 1 − 0.999^(20 − 2)
    assert weights(train, "common", 2) == pytest.approx({0: 1 - 0.999**48, 1: 1 - 0.999**18})
    assert list(weights(train, "common", 1)) == [0]
    # nothing is more common than the most common class: all others are equally likely
    assert weights(train, "common", 0) == pytest.approx({1: 1.0, 2: 1.0})
    first = [train.labels[choose_sources("common", train, np.array([2]), seed)[0]] for seed in range(600)]
    expected = (1 - 0.999**48) / (2 - 0.999**48 - 0.999**18)
    assert np.mean(np.array(first) == 0) == pytest.approx(expected, abs=0.075)  # four standard errors


def test_images_of_another_domain_serve_their_own_class_and_those_without_a_label_every_class():
    other = LabelledImages(np.zeros((5, 1, 2, 2), np.uint8), np.array([0, 2, 2, -1, -1]), tuple(COUNTS))
    assert [source_weights("other_domain", other.labels, label).tolist() for label in (0, 1, 2)] == [
        [1, 0, 0, 1, 1],
        [0, 0, 0, 1, 1],
        [0, 1, 1, 1, 1],
    ]
    assert set(choose_sources("other_domain", other, np.full(4, 2), 0)) == {1, 2, 3, 4}


def test_no_rule_repeats_an_image_before_all_have_been_used(train):
    for rule, count in (("other", 70), ("common", 70), ("same", 2)):
        assert len(set(choose_sources(rule, train, np.full(count, 2), 0).tolist())) == count


@pytest.mark.parametrize("rule", ["other", "common", "same"])
def test_sources_of_a_class_depend_on_nothing_else_that_is_asked(train, rule):
    few, many = np.array([2, 0, 2]), np.array([1, 2, 0, 2, 0, 1, 2])
    chosen, more = choose_sources(rule, train, few, 3), choose_sources(rule, train, many, 3)
    assert (chosen[few == 2] == more[many == 2][:2]).all()
    assert (chosen[few == 0] == more[many == 0][:1]).all()
    labels = np.repeat(np.arange(3), 40)
    assert (choose_sources(rule, train, labels, 3) != choose_sources(rule, train, labels, 4)).any()


def test_without_a_source_the_class_is_named(train):
    with pytest.raises(InputError, match=r"'same' finds no image to translate into class 'rare'"):
        choose_sources("same", train.subset(np.arange(70)), np.array([2]), 0)
