"""The contract of every oversampler; plug-ins are discovered automatically."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.oversampling import deficits
from ganaug.classifier.settings import Training
from ganaug.classifier.training import fit
from ganaug.core.plugins import available, build, describe, find
from ganaug.data.batches import MixedBatches, Part, index_batches
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches

COUNTS = {"common": 20, "middle": 12, "rare": 3, "absent": 0}


@pytest.fixture(scope="module", params=available("classifier.oversampling"))
def oversampler(request):
    return find("classifier.oversampling", request.param).small()


@pytest.fixture(scope="module")
def train():
    """Images whose brightness depends on the class."""
    labels = np.repeat(np.arange(4), list(COUNTS.values()))
    images = np.random.default_rng(0).integers(0, 60, (len(labels), 2, 9, 8), dtype=np.uint8)
    images += (70 * labels[:, None, None, None]).astype(np.uint8)
    return LabelledImages(images, labels, tuple(COUNTS))


@pytest.fixture(scope="module")
def fit_classifier(train):
    def fitted(seed):
        settings = Training(classifier=SmallCNN(channels=4), steps=60, batch_size=16, learning_rate=1e-2)
        part = Part(train.images, train.labels, index_batches(train, 16, seed, balanced=True), 16)
        return fit(settings, AugmentedBatches(MixedBatches(part), len(COUNTS), seed), train, seed).model

    return fitted


@pytest.fixture(scope="module")
def made(oversampler, train, fit_classifier):
    return oversampler(train, fit_classifier, 1)


def test_only_classes_that_are_short_get_images_and_no_more_than_they_lack(made, train):
    assert made.shape == train.shape
    assert made.classes == train.classes
    assert made.images.dtype == np.uint8
    assert deficits(train).tolist() == [0, 8, 17, 20]
    found = list(made.counts.values())
    assert found[0] == 0
    assert 0 < found[1] <= 8
    assert 0 < found[2] <= 17
    assert found[3] <= 20


def test_images_are_new_or_repeated_ones_of_their_class(made, train):
    known = {image.tobytes(): label for image, label in zip(np.asarray(train.images), train.labels, strict=True)}
    assert not all(image.tobytes() in known for image in made.images)
    assert all(
        known.get(image.tobytes(), label) == label for image, label in zip(made.images, made.labels, strict=True)
    )


def test_the_seed_determines_the_images(oversampler, made, train, fit_classifier):
    before = np.array(train.images)
    again, other = (oversampler(train, fit_classifier, seed) for seed in (1, 2))
    np.testing.assert_array_equal(again.images, made.images)
    np.testing.assert_array_equal(again.labels, made.labels)
    assert len(other) != len(made) or (other.images != made.images).any()
    np.testing.assert_array_equal(train.images, before)


def test_equal_classes_get_nothing(oversampler, train, fit_classifier):
    equal = train.subset([*range(3), *range(20, 23), *range(32, 35)])
    assert len(oversampler(LabelledImages(equal.images, equal.labels, ("a", "b", "c")), fit_classifier, 0)) == 0


def test_options_survive_json_and_are_strict(oversampler):
    assert build("classifier.oversampling", json.loads(json.dumps(describe(oversampler)))) == oversampler
    with pytest.raises(ValidationError):
        type(oversampler)(unknown=1)
