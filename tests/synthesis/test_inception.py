"""Inception features, with random weights because the real ones are not shipped."""

import numpy as np
import pytest
import torch
from torch import nn
from torch_fidelity import feature_extractor_inceptionv3
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from ganaug.core.errors import InputError
from ganaug.synthesis import inception
from ganaug.synthesis.inception import InceptionFeatures

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (3, 1, 9, 8), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (3, 3, 9, 8), dtype=np.uint8)
OPAQUE = np.full((3, 1, 9, 8), 255, dtype=np.uint8)


@pytest.fixture(scope="module")
def network():
    """Return the network with random weights, without downloading anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feature_extractor_inceptionv3, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        network = FeatureExtractorInceptionV3("random", ["2048"])
    torch.manual_seed(0)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)  # PyTorch's default gives only zeros after so many layers
    return network


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("inception") / "weights.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def extractor(weights):
    return InceptionFeatures.load(weights)


def test_features_equal_the_output_of_the_network(network, extractor):
    found = extractor(COLOUR)
    assert (found.shape, found.dtype) == ((3, 2048), np.float64)
    assert found.std() > 1e-3
    with torch.no_grad():
        (expected,) = network(torch.from_numpy(COLOUR))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * found.max())


def test_grey_images_get_three_equal_channels(extractor):
    np.testing.assert_array_equal(extractor(GREY), extractor(np.repeat(GREY, 3, axis=1)))


@pytest.mark.parametrize("images", [GREY, COLOUR], ids=["grey", "colour"])
def test_alpha_channel_is_dropped(extractor, images):
    np.testing.assert_array_equal(extractor(np.concatenate([images, OPAQUE], axis=1)), extractor(images))


def test_features_do_not_depend_on_the_batch_size(extractor, monkeypatch):
    whole = extractor(COLOUR)
    monkeypatch.setattr(inception, "CHUNK", 2)
    np.testing.assert_allclose(extractor(COLOUR), whole, rtol=1e-3, atol=1e-4 * whole.max())
    assert extractor(COLOUR[:0]).shape == (0, 2048)


def test_images_may_be_memory_mapped(extractor, tmp_path):
    np.save(tmp_path / "images.npy", COLOUR)
    on_disk = np.load(tmp_path / "images.npy", mmap_mode="r")
    np.testing.assert_array_equal(extractor(on_disk), extractor(COLOUR))


def test_missing_file_is_reported_with_the_remedy(tmp_path):
    with pytest.raises(InputError) as caught:
        InceptionFeatures.load(tmp_path / "nowhere.pth")
    assert str(caught.value).startswith(f"{tmp_path / 'nowhere.pth'}: ")
    assert "No such file" in str(caught.value)
    assert "download https://github.com/toshas/torch-fidelity/" in str(caught.value)


class Code:
    """An object that runs code when it is unpickled."""

    def __reduce__(self):
        return print, ("the file's code was run",)


@pytest.mark.parametrize("content", ["nothing", "text", "half", "other weights", "no weights", "code"])
def test_file_with_other_content_is_rejected(content, weights, tmp_path, capsys):
    path = tmp_path / "wrong.pth"
    if content == "other weights":
        torch.save(nn.Linear(2, 2).state_dict(), path)
    elif content == "no weights":
        torch.save([1, 2], path)
    elif content == "code":
        torch.save({"fc.weight": Code()}, path)
    else:
        whole = weights.read_bytes()
        path.write_bytes({"nothing": b"", "text": b"hello", "half": whole[: len(whole) // 2]}[content])
    with pytest.raises(InputError, match="does not contain this network's weights"):
        InceptionFeatures.load(path)
    assert capsys.readouterr().out == ""
