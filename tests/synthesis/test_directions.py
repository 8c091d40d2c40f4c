"""Directions in a generator's style space."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.synthesis.directions import Space, towards, within_classes
from ganaug.synthesis.directions.attribute import Attribute
from ganaug.synthesis.directions.confidence import Confidence
from ganaug.synthesis.directions.sefa import Sefa, principal

CLASSES = ("a", "b")


class Judges:
    """An ensemble of two members: the brighter an image, the likelier class b; the second member exaggerates."""

    classes = CLASSES

    def probabilities(self, images):
        share = images.mean((1, 2, 3)) / 255
        return np.stack([np.stack([1 - b, b], axis=1) for b in (share, share**2)])


def space(w, images, ensemble=Judges):
    return Space(None, CLASSES, w, np.arange(len(w)) % 2, lambda: images, ensemble)


@pytest.fixture
def bright():
    """Return styles of four dimensions, and images whose brightness is 128 plus ten times their third component."""
    w = np.random.default_rng(0).normal(size=(500, 4))
    levels = np.clip(128 + 10 * w[:, 2], 0, 255).astype(np.uint8)
    return w, np.broadcast_to(levels[:, None, None, None], (500, 1, 4, 4))


def test_principal_directions_by_hand():
    """Rows of any length count alike: the first axis comes twice, the second once, the third never."""
    weights = np.array([[2.0, 0, 0], [-0.1, 0, 0], [0, 5, 0]])
    assert principal(weights) == pytest.approx(np.eye(3))


def test_principal_directions_of_rows_at_an_angle():
    """(1, 1)/√2 twice and (1, −1)/√2 once: AᵀA has eigenvalues 2 and 1; the larger component is positive."""
    found = principal(np.array([[-3.0, -3], [1, 1], [1, -1]]))
    assert np.abs(found) == pytest.approx(np.full((2, 2), 0.5**0.5))
    assert found[0, 0] * found[0, 1] > 0 > found[1, 0] * found[1, 1]
    assert found.max(1) == pytest.approx([0.5**0.5] * 2)


def test_a_row_of_zeros_is_no_direction():
    assert np.isfinite(principal(np.array([[0.0, 0], [0, 1]]))).all()


def test_directions_are_at_right_angles_and_do_not_change():
    weights = np.random.default_rng(0).normal(size=(30, 6))
    found = principal(weights)
    assert found @ found.T == pytest.approx(np.eye(6), abs=1e-12)
    largest = np.abs(found).argmax(1)
    assert (found[np.arange(6), largest] > 0).all()
    np.testing.assert_array_equal(principal(weights.copy()), found)


def test_sefa_has_as_many_directions_as_w_has_components():
    here = space(np.zeros((5, 4)), None)
    Sefa(number=3).check(here)
    with pytest.raises(InputError, match=r"this GAN has directions 0 to 3 \(given: 4\)"):
        Sefa(number=4).check(here)


@pytest.mark.parametrize("sign", [1, -1])
def test_towards_finds_the_component_that_an_attribute_depends_on(sign):
    """Of 500 standard normal styles; the extremes are two fifths. Other components are noise."""
    w = np.random.default_rng(0).normal(size=(500, 4))
    found = towards(w, sign * w[:, 1])
    assert np.linalg.norm(found) == pytest.approx(1)
    assert sign * found[1] > 0.98
    np.testing.assert_array_equal(towards(w, sign * w[:, 1]), found)
    assert towards(1000 * w, sign * w[:, 1]) == pytest.approx(found, abs=1e-3)


def test_an_attribute_that_does_not_vary_still_gives_a_direction():
    w = np.random.default_rng(0).normal(size=(50, 4))
    assert np.linalg.norm(towards(w, np.zeros(50))) == pytest.approx(1)


def test_a_measured_attribute_is_found(bright):
    assert Attribute(of="brightness").find(space(*bright))[2] > 0.98


def test_a_measured_attribute_is_not_mistaken_for_the_class_that_it_goes_with(bright):
    """Class b is brighter by 60, and its styles are elsewhere on the first axis: brightness is still the third."""
    w, images = bright
    labels = np.arange(500) % 2
    w = w + 6 * labels[:, None] * np.eye(4)[0]
    images = images // 2 + (60 * labels[:, None, None, None]).astype(np.uint8)
    assert Attribute(of="brightness").find(space(w, images))[2] > 0.98


def test_values_less_the_means_of_their_classes():
    assert within_classes(np.array([1, 10, 3, 20]), np.array([0, 1, 0, 1])).tolist() == [-1, -5, 1, 5]


def test_confidence_goes_towards_the_images_that_all_members_take_for_the_class(bright):
    """The brighter an image, the likelier class b and the less likely class a."""
    for name, sign in (("b", 1), ("a", -1)):
        assert sign * Confidence(of=name).find(space(*bright))[2] > 0.98


def test_confidence_knows_its_classes():
    with pytest.raises(InputError, match="unknown class 'c'; choose from: a, b"):
        Confidence(of="c").check(space(np.zeros((5, 4)), None))

    def no_ensemble():
        raise InputError("no ensemble")

    with pytest.raises(InputError, match="no ensemble"):
        Confidence(of="a").check(space(np.zeros((5, 4)), None, no_ensemble))
    others = type("Others", (Judges,), {"classes": ("a", "x")})
    with pytest.raises(InputError, match="were trained on different classes; retrain both"):
        Confidence(of="a").check(space(np.zeros((5, 4)), None, others))
