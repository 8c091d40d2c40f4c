"""What every classifier promises; plug-ins are found by themselves."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from ganaug.classifier.architectures import Classifier
from ganaug.core.plugins import available, build, find
from ganaug.data.images import to_float

SIZES = [(8, 8), (9, 9), (16, 16), (28, 28), (32, 32), (40, 64), (20, 9), (100, 128), (128, 128)]


@pytest.fixture(params=available("classifier.architectures"))
def classifier(request) -> Classifier:
    """Build the plug-in with few channels where it lets one choose."""
    fields = find("classifier.architectures", request.param).__dataclass_fields__
    return build(
        "classifier.architectures", {"name": request.param} | ({"channels": 8} if "channels" in fields else {})
    )


def made(classifier: Classifier, shape: tuple[int, int, int], classes: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return classifier.build(shape, classes)


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


def test_the_global_generator_fixes_the_first_weights(classifier):
    first, same, other = (made(classifier, (3, 8, 8), 2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_state_dict_round_trip(classifier):
    model, copy = made(classifier, (1, 8, 8), 2, seed=0), made(classifier, (1, 8, 8), 2, seed=1)
    images = torch.rand(4, 1, 8, 8)
    model(images)
    copy.load_state_dict(model.state_dict())
    assert torch.equal(copy.eval()(images), model.eval()(images))
