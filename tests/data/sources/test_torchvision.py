"""The torchvision source, with local files only: nothing is downloaded."""

import numpy as np
import pytest
import torchvision
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.data.sources.torchvision import Torchvision

pytestmark = pytest.mark.usefixtures("offline")


def test_both_parts_are_read_with_the_second_as_test_set(tmp_path, write_mnist):
    images = np.arange(5 * 28 * 28).reshape(5, 28, 28) % 251
    write_mnist(tmp_path, (images[:3], [4, 0, 9]), (images[3:], [1, 4]))
    raw = Torchvision(dataset="MNIST").load(tmp_path)
    np.testing.assert_array_equal(np.stack(list(raw.images))[..., 0], images)
    assert raw.labels.tolist() == [4, 0, 9, 1, 4]
    assert raw.splits.tolist() == ["train"] * 3 + ["test"] * 2
    assert len(raw.classes) == 10


@pytest.mark.parametrize("dataset", ["MNIST", "FashionMNIST", "KMNIST", "CIFAR10"])
def test_missing_files_without_a_network_are_reported_with_the_remedy(tmp_path, dataset):
    with pytest.raises(InputError) as caught:
        Torchvision(dataset=dataset).load(tmp_path)
    message = str(caught.value)
    assert message.startswith(str(tmp_path))
    assert f"{dataset} not found, and the download failed (" in message
    assert "there is no network in tests" in message
    assert "put its files there" in message


def test_truncated_file_is_reported(tmp_path, write_mnist):
    write_mnist(tmp_path, (np.zeros((3, 28, 28)), [0, 1, 2]), (np.zeros((2, 28, 28)), [0, 1]))
    file = tmp_path / "MNIST/raw/train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match=str(tmp_path)):
        Torchvision(dataset="MNIST").load(tmp_path)


def test_a_data_set_without_splits_is_read_image_by_image(tmp_path):
    options = {"size": 12, "image_size": [3, 9, 8], "num_classes": 3}
    raw = Torchvision(dataset="FakeData", options=options).load(tmp_path)
    assert [image.shape for image in raw.images] == [(9, 8, 3)] * 12
    assert raw.splits is None
    assert len(raw.classes) == len(set(raw.labels.tolist()))


def test_splits_named_by_a_parameter_are_found(tmp_path, monkeypatch):
    """As in most of torchvision's data sets, such as SVHN and Flowers102."""

    class Flowers:
        classes = ("rose", "tulip")

        def __init__(self, root, split="train", download=False):
            if split not in ("train", "valid", "test"):
                raise ValueError(f"Unknown value '{split}' for argument split.")
            self._labels = {"train": [0, 1, 0], "valid": [1], "test": [0, 1]}[split]

        def __len__(self):
            return len(self._labels)

        def __getitem__(self, index):
            return Image.new("L", (9, 8), self._labels[index]), self._labels[index]

    monkeypatch.setattr(torchvision.datasets, "DTD", Flowers)
    raw = Torchvision(dataset="DTD").load(tmp_path)
    assert raw.splits.tolist() == ["train", "train", "train", "val", "test", "test"]
    assert [int(image[0, 0, 0]) for image in raw.images] == raw.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert raw.classes == ("rose", "tulip")


def test_unknown_data_set_is_reported_with_the_closest(tmp_path):
    with pytest.raises(InputError, match=r"unknown data set 'MNITS' \(did you mean 'MNIST'\?\)"):
        Torchvision(dataset="MNITS").load(tmp_path)


def test_wrong_option_is_reported_with_those_there_are(tmp_path):
    with pytest.raises(InputError, match=r"prepare.source.options: .*'colour'.*; MNIST takes root, train"):
        Torchvision(dataset="MNIST", options={"colour": 1}).load(tmp_path)
