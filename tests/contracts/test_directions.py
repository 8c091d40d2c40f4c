"""The contract of every direction; plug-ins are discovered automatically."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from ganaug.core.plugins import available, build, describe, find
from ganaug.gan.networks import Shape
from ganaug.gan.sampling import image_seeds, ready
from ganaug.synthesis.directions import Direction, Space, images, styles

CLASSES, COUNT = ("a", "b", "c"), 60


class Judges:
    """An ensemble of two classifiers, for which class c is the likelier, the brighter an image is."""

    classes = CLASSES

    def probabilities(self, images):
        bright = images.mean((1, 2, 3)) / 255
        return np.stack([np.stack([1 - share, share / 3, 2 * share / 3], axis=1) for share in (bright, bright**2)])


@pytest.fixture(scope="module")
def space() -> Space:
    """Return a space of styles of four dimensions."""
    torch.manual_seed(0)
    network = build("gan.networks", {"name": "stylegan2", "z_dim": 4, "channels": 4})
    generator = ready(network.generator(Shape(1, 8, 8), len(CLASSES)))
    labels = np.arange(COUNT) % len(CLASSES)
    w = styles(generator, labels, image_seeds(0, COUNT))
    return Space(generator, CLASSES, w.double().numpy(), labels, lambda: images(generator, w), Judges)


@pytest.fixture(params=available("synthesis.directions"))
def direction(request) -> Direction:
    return find("synthesis.directions", request.param).small(CLASSES)


def test_describes_itself(direction):
    assert isinstance(direction, Direction)
    assert type(direction).__doc__


def test_is_rebuilt_from_its_description(direction):
    assert build("synthesis.directions", describe(direction)) == direction


def test_options_are_frozen_and_unknown_ones_are_rejected(direction):
    with pytest.raises(AttributeError):
        direction.unknown = 1
    with pytest.raises(ValidationError):
        type(direction)(unknown=1)


def test_has_one_field_at_most_which_takes_what_stands_behind_the_colon(direction):
    assert len(type(direction).__dataclass_fields__) <= 1


def test_is_a_unit_vector_of_the_space_the_same_each_time(direction, space):
    direction.check(space)
    found = direction.find(space)
    assert (found.shape, found.dtype) == ((space.w.shape[1],), np.float64)
    assert np.linalg.norm(found) == pytest.approx(1)
    np.testing.assert_array_equal(direction.find(space), found)


def test_changes_neither_the_space_nor_the_global_generators(direction, space):
    before = space.w.copy(), space.labels.copy(), torch.get_rng_state()
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    direction.find(space)
    np.testing.assert_array_equal(space.w, before[0])
    np.testing.assert_array_equal(space.labels, before[1])
    assert torch.equal(torch.get_rng_state(), before[2])
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_moving_along_it_changes_images(direction, space):
    w = torch.from_numpy(space.w[:2]).float()
    moved = w + torch.from_numpy(5 * direction.find(space)).float()
    assert (images(space.generator, w) != images(space.generator, moved)).any()
