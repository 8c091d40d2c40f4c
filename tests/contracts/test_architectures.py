"""The contract of every classifier architecture; plug-ins are discovered automatically."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from ganaug.classifier.architectures import Classifier
from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.features import FeatureExtractor
from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.core.config import settings
from ganaug.core.errors import InputError
from ganaug.core.plugins import available, find
from ganaug.data.images import to_float

SIZES = [(8, 8), (9, 9), (16, 16), (28, 28), (32, 32), (40, 64), (20, 9), (100, 128), (128, 128)]


class Cosine(nn.Module):
    """Logits are scaled cosines between features and class vectors: a head without a linear layer."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.directions, self.scale = nn.Parameter(torch.randn(classes, features)), nn.Parameter(torch.tensor(10.0))

    def forward(self, features: Tensor) -> Tensor:
        return self.scale * nn.functional.normalize(features) @ nn.functional.normalize(self.directions).T


@settings
class Pretrained(Classifier):
    """Built like pretrained networks: it normalises its input, has a fixed input size, and an unusual head.

    A linear layer within the backbone comes before the features, and is not the head.
    """

    input_size: tuple[int, int] = (12, 12)

    def build(self, shape: tuple[int, int, int], classes: int) -> ImageClassifier:
        channels, (height, width) = shape[0], self.input_size
        convolution, linear = nn.Conv2d(channels, 8, 4, 4), nn.Linear(8 * (height // 4) * (width // 4), 24)
        backbone = nn.Sequential(convolution, nn.ReLU(), nn.Flatten(), linear, nn.LayerNorm(24), nn.Tanh())
        statistics = {"mean": [0.1] * channels, "std": [0.5] * channels}
        return ImageClassifier(backbone, Cosine(24, classes), **statistics, input_size=self.input_size)


def small(name: str) -> Any:
    """Return a plug-in's small version, or a skipped test, with the reason, if its library is missing."""
    try:
        return find("classifier.architectures", name).small()
    except InputError as error:
        if "is not installed" not in str(error):
            raise
        return pytest.param(name, marks=pytest.mark.skip(reason=str(error)))


CLASSIFIERS = {
    **{name: small(name) for name in available("classifier.architectures")},
    "small_cnn with dropout": SmallCNN(channels=12, dropout=0.3),
    "another kind": Pretrained(),
    "another kind, not square": Pretrained(input_size=(10, 15)),
}


@pytest.fixture(params=[name if isinstance(made, Classifier) else made for name, made in CLASSIFIERS.items()])
def classifier(request) -> Classifier:
    return CLASSIFIERS[request.param]


def made(classifier: Classifier, shape: tuple[int, int, int], classes: int, seed: int = 0) -> ImageClassifier:
    torch.manual_seed(seed)
    return classifier.build(shape, classes)


@pytest.mark.parametrize("channels", [2, 4])
def test_every_channel_is_seen_or_the_classifier_says_otherwise(classifier, channels):
    model = made(classifier, (channels, 16, 16), 3).eval()
    images = torch.rand(2, channels, 16, 16) * 2 - 1
    changed = images.clone()
    changed[:, -1] *= -1
    with torch.no_grad():
        assert torch.equal(model(images), model(changed)) == classifier.sees_rgb


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_logits_for_images_of_any_size(classifier, size):
    model = made(classifier, (3, *size), 5).eval()
    with torch.no_grad():
        logits = model(torch.rand(2, 3, *size) * 2 - 1)
    assert logits.shape == (2, 5)
    assert logits.isfinite().all()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_gradients_reach_every_parameter(classifier, channels):
    model = made(classifier, (channels, 9, 12), 3)
    logits = model(torch.rand(6, channels, 9, 12) * 2 - 1)
    assert logits.shape == (6, 3)
    cross_entropy(logits, torch.arange(6) % 3).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_learns_two_colours(classifier, two_colours):
    data = two_colours(16)
    images, labels = to_float(torch.from_numpy(data.images)), torch.from_numpy(data.labels)
    model = made(classifier, data.shape, 2)
    optimizer = torch.optim.Adam(model.parameters(), 2e-3)
    for _ in range(12):
        optimizer.zero_grad()
        loss = cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
    assert loss < 0.3  # ln 2 = 0.69 is guessing
    assert (model(images).argmax(1) == labels).all()


def test_in_eval_mode_an_image_does_not_depend_on_its_batch(classifier):
    model = made(classifier, (3, 8, 8), 3)
    images = torch.rand(5, 3, 8, 8) * 2 - 1
    model(images)
    model.eval()
    with torch.no_grad():
        together = model(images)
        assert torch.allclose(torch.cat([model(image[None]) for image in images]), together, atol=1e-4)
        assert torch.equal(model(images), together)


def test_logits_are_the_heads_of_the_features(classifier):
    model = made(classifier, (3, 8, 8), 3).eval()
    images = torch.rand(5, 3, 8, 8) * 2 - 1
    with torch.no_grad():
        features = model.features(images)
        assert features.ndim == 2
        assert torch.equal(model.head(features), model(images))


def test_features_are_extracted_for_any_number_of_images(classifier, two_colours):
    model = made(classifier, (3, 8, 8), 3).eval()
    images = two_colours(5).images
    found = FeatureExtractor((model,))(images)
    with torch.no_grad():
        expected = model.features(to_float(torch.from_numpy(images)))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert FeatureExtractor((model,))(images[:0]).shape == (0, found.shape[1])


def test_the_global_generator_decides_the_initial_weights(classifier):
    first, same, other = (made(classifier, (3, 8, 8), 2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_state_dict_round_trip(classifier):
    model, copy = made(classifier, (1, 8, 8), 2, seed=0), made(classifier, (1, 8, 8), 2, seed=1)
    images = torch.rand(4, 1, 8, 8)
    model(images)
    copy.load_state_dict(model.state_dict())
    assert torch.equal(copy.eval()(images), model.eval()(images))


# --- ImageClassifier's treatment of its input -------------------------------------------------------------------------


def prepared(images: Tensor, **options: Any) -> Tensor:
    """Return the backbone's input."""
    return ImageClassifier(nn.Identity(), nn.Identity(), **options).features(images)


def test_by_default_the_backbone_gets_the_images_as_they_are():
    images = torch.rand(2, 3, 5, 7)
    assert prepared(images) is images


def test_images_are_normalised_by_channel():
    images = torch.tensor([0.5, -1.0])[None, :, None, None].expand(3, 2, 4, 4)
    found = prepared(images, mean=(0.1, 0.2), std=(0.5, 2.0))
    # (0.5 − 0.1) / 0.5 and (−1 − 0.2) / 2
    torch.testing.assert_close(found, torch.tensor([0.8, -0.6])[None, :, None, None].expand(3, 2, 4, 4))


@pytest.mark.parametrize("size", [(4, 6), (20, 30)], ids=["smaller", "larger"])
def test_images_are_resized_with_antialiasing(size):
    images = torch.rand(2, 1, 16, 16)
    found = prepared(images, input_size=size)
    assert torch.equal(found, interpolate(images, size, mode="bilinear", antialias=True))
    if size < (16, 16):
        assert not torch.allclose(found, interpolate(images, size, mode="bilinear"))


def test_images_of_the_right_size_are_not_resampled():
    images = torch.rand(2, 1, 6, 8)
    assert prepared(images, input_size=(6, 8)) is images


def test_normalisation_is_part_of_the_weights_digest():
    first, other = (ImageClassifier(nn.Identity(), nn.Identity(), mean=[mean]) for mean in (0.0, 0.5))
    assert FeatureExtractor((first,)).digest != FeatureExtractor((other,)).digest


def test_small_is_the_default_unless_a_plugin_overrides_it():
    assert Pretrained.small() == Pretrained()
    assert dataclasses.asdict(SmallCNN.small())["channels"] < SmallCNN().channels
