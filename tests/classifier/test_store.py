"""Saving and loading a classifier."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.prediction import predict
from ganaug.classifier.store import load_classifier, save_classifier
from ganaug.core.errors import InputError
from ganaug.core.weights import ModelSpec

SPEC = ModelSpec(SmallCNN(channels=4, dropout=0.2), (3, 8, 8), ("red", "blue"))


@pytest.fixture
def model(two_colours):
    torch.manual_seed(0)
    made = SPEC.plugin.build(SPEC.image_shape, 2).to(memory_format=torch.channels_last)
    made(torch.rand(16, 3, 8, 8))  # batch norm's statistics are part of it
    return made


def test_a_loaded_classifier_predicts_what_the_saved_one_did(model, tmp_path, two_colours):
    save_classifier(tmp_path, model, SPEC)
    loaded, classes = load_classifier(tmp_path)
    assert classes == ("red", "blue")
    assert not loaded.training
    images = two_colours(30).images
    np.testing.assert_array_equal(predict(loaded, images), predict(model, images))


def test_a_missing_classifier_is_an_input_error_with_the_remedy():
    with pytest.raises(InputError, match=r"nowhere: not a readable classifier .*dvc repro"):
        load_classifier(Path("nowhere"))


@pytest.mark.parametrize("file", ["classifier.json", "classifier.safetensors"])
def test_a_corrupt_classifier_is_an_input_error(model, tmp_path, file):
    save_classifier(tmp_path, model, SPEC)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes()[:-10])
    with pytest.raises(InputError, match=f"{tmp_path}: not a readable classifier"):
        load_classifier(tmp_path)
