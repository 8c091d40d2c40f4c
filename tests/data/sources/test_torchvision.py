"""The torchvision source, with local files only: nothing is downloaded."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.data.sources.torchvision import Torchvision

pytestmark = pytest.mark.usefixtures("offline")


def test_both_parts_are_read_with_the_second_as_test_set(tmp_path, write_mnist):
    images = np.arange(5 * 28 * 28).reshape(5, 28, 28) % 251
    write_mnist(tmp_path, (images[:3], [4, 0, 9]), (images[3:], [1, 4]))
    raw = Torchvision(dataset="MNIST").load(tmp_path)
    np.testing.assert_array_equal(raw.images[..., 0], images)
    assert raw.labels.tolist() == [4, 0, 9, 1, 4]
    assert raw.test.tolist() == [False, False, False, True, True]
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
