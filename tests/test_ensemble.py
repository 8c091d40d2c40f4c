"""The classifier whose features measure quality, and the ensemble that gives pseudo-labels."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from ganaug import features
from ganaug.classification import PREDICTED_TOGETHER, predict
from ganaug.classifiers.small_cnn import SmallCNN
from ganaug.features import pseudo_labelled, train_features
from ganaug.images import UNLABELLED, LabelledImages

CHANNELS = 4


@pytest.fixture(autouse=True, scope="module")
def quick_features():
    """Let small classifiers learn for a moment, long enough for two colours."""
    small = SmallCNN(channels=CHANNELS)
    quick = replace(features.SETTINGS, classifier=small, steps=80, batch_size=16, learning_rate=1e-2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganaug.features.SETTINGS", quick)
        yield


@pytest.fixture(scope="module")
def sets(two_colours):
    """Return training, validation and other images."""
    return two_colours(16), two_colours(10, seed=1), two_colours(30, seed=2)


@pytest.fixture(scope="module")
def extractor(sets):
    return train_features(*sets[:2], seed=0)


@pytest.fixture(scope="module")
def green():
    """Return green images that have been called red as often as blue."""
    images = np.random.default_rng(4).integers(0, 30, (16, 3, 8, 8), dtype=np.uint8)
    images[:, 1] += 200
    return LabelledImages(images, np.arange(16) % 2, ("red", "blue"))


def joined(first: LabelledImages, second: LabelledImages) -> LabelledImages:
    images, labels = (np.concatenate([getattr(one, name) for one in (first, second)]) for name in ("images", "labels"))
    return LabelledImages(images, labels, first.classes)


def places(part: LabelledImages, whole: LabelledImages) -> list[int]:
    """Return where each image of `part` is in `whole`."""
    return [np.flatnonzero((whole.images == one).all((1, 2, 3))).item() for one in part.images]


def test_features_are_what_the_last_layer_is_given(extractor, sets):
    images = sets[2].images
    found = extractor(images)
    assert (found.shape, found.dtype) == ((30, 2 * CHANNELS), np.float64)
    last = extractor.model[-1]
    with torch.no_grad():
        probabilities = last(torch.from_numpy(found).float()).softmax(1)
    np.testing.assert_allclose(probabilities, predict(extractor.model, images), atol=1e-6)
    assert not last._forward_pre_hooks  # nothing is left in the model


def test_features_of_many_images_are_those_of_each(extractor, sets):
    images = np.resize(sets[2].images, (PREDICTED_TOGETHER + 3, 3, 8, 8))
    found = extractor(images)
    assert len(found) == len(images)
    np.testing.assert_allclose(found[-3:], extractor(images[-3:]), atol=1e-6)


def test_features_tell_classes_apart(extractor, sets):
    found, labels = extractor(sets[2].images), sets[2].labels
    apart = np.linalg.norm(found[:, None] - found, axis=2)
    same = labels[:, None] == labels
    assert apart[~same].min() > 3 * apart[same].max()


def test_the_seed_alone_fixes_the_features(extractor, sets):
    images = sets[2].images
    torch.manual_seed(12345)  # whatever was drawn before
    assert np.array_equal(train_features(*sets[:2], seed=0)(images), extractor(images))
    assert not np.allclose(train_features(*sets[:2], seed=1)(images), extractor(images))


def test_pseudo_labels_of_clear_images_are_right(sets):
    train, val, others = sets
    found = pseudo_labelled(others.without_labels(), train, val, 0.9, seed=0)
    assert len(found) == 30
    assert found.labels.dtype == np.int64
    np.testing.assert_array_equal(found.labels, others.labels[places(found, others)])


def test_images_of_which_there_are_two_opinions_get_no_pseudo_label(sets, green):
    train, val, others = sets
    unlabelled = joined(green, others).without_labels()
    found = pseudo_labelled(unlabelled, joined(train, green), val, 0.9, seed=0)
    assert places(found, unlabelled) == list(range(16, 46))  # every clear image and no other, in order
    np.testing.assert_array_equal(found.labels, others.labels)
    assert len(pseudo_labelled(unlabelled, joined(train, green), val, 0.3, seed=0)) == 46


def test_more_confidence_keeps_fewer_of_the_same_images(sets, green):
    train, val, others = sets
    unlabelled = joined(green, others).without_labels()
    kept = [
        places(pseudo_labelled(unlabelled, joined(train, green), val, confidence, seed=0), unlabelled)
        for confidence in (0.0, 0.6, 0.9, 1.0)
    ]
    assert kept[0] == list(range(46))
    assert all(set(later) <= set(sooner) for sooner, later in pairwise(kept))
    assert 0 < len(kept[2]) < 46
    assert kept[3] == []  # no probability is above 1


def test_the_seed_alone_fixes_the_pseudo_labels(sets, green):
    train, val, _ = sets

    def opinion(seed: int) -> list[int]:
        return pseudo_labelled(green.without_labels(), joined(train, green), val, 0.0, seed).labels.tolist()

    torch.manual_seed(12345)
    first = opinion(0)
    torch.manual_seed(54321)
    assert opinion(0) == first
    assert any(opinion(seed) != first for seed in (1, 2, 3))


def test_the_global_generator_goes_on_as_if_nothing_had_been_trained(sets):
    train, val, others = sets
    torch.manual_seed(7)
    before = torch.get_rng_state()
    train_features(train, val, seed=0)(others.images)
    pseudo_labelled(others.without_labels(), train, val, 0.9, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_pseudo_labels_leave_the_given_images_as_they_were(sets):
    train, val, others = sets
    unlabelled = others.without_labels()
    before = unlabelled.images.copy()
    pseudo_labelled(unlabelled, train, val, 0.9, seed=0)
    assert (unlabelled.labels == UNLABELLED).all()
    np.testing.assert_array_equal(unlabelled.images, before)
