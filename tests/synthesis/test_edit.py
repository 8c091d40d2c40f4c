"""Edits along directions, from a finished GAN's folder."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganaug.classifier.ensemble import Ensemble
from ganaug.core.errors import InputError
from ganaug.core.plugins import build
from ganaug.core.weights import ModelSpec
from ganaug.gan.networks import Rendering, Shape
from ganaug.gan.store import save_generator
from ganaug.synthesis.directions import Direction
from ganaug.synthesis.directions.sefa import Sefa
from ganaug.synthesis.edit import Edit, direction, edit_images
from ganaug.synthesis.use import sample_images

CLASSES = ("a", "b/c", "d")
STYLEGAN = {"name": "stylegan2", "z_dim": 6, "channels": 4, "widths": [0.5], "halvings": 1}


def saved(folder, spec):
    network, shape = build("gan.networks", spec), Shape(1, 9, 8)
    torch.manual_seed(0)
    save_generator(folder, network.generator(shape, len(CLASSES)), ModelSpec(network, shape, CLASSES))
    return folder


@pytest.fixture
def gan(tmp_path):
    return saved(tmp_path / "gan", STYLEGAN)


def edited(gan, output, along="sefa:0", strengths=(-1.0, 0.0, 2.0), classes=None, count=2, seed=1, **options):
    asked = Edit(along, strengths, classes, count, seed, Rendering(**options))
    return edit_images(gan, lambda: Ensemble.load(gan.parent / "no ensemble"), output, asked)


def pictures(folder):
    return {path.relative_to(folder).as_posix(): np.asarray(Image.open(path)) for path in folder.rglob("*.png")}


def test_each_image_is_written_at_each_strength_by_class(gan, tmp_path):
    assert edited(gan, tmp_path / "out") == 18
    found = pictures(tmp_path / "out")
    names = [f"{name}/00000{number}_{strength}.png" for name in ("a", "b%2Fc", "d") for number in (0, 1)
             for strength in ("-1", "+0", "+2")]  # fmt: skip
    assert sorted(found) == sorted([*names, "contact.png"])
    assert all(found[name].shape == (9, 8) for name in names)


def test_strength_0_is_the_image_that_sample_makes(gan, tmp_path):
    edited(gan, tmp_path / "edited")
    sample_images(gan, tmp_path / "sampled", None, 2, 1)
    changed, plain = pictures(tmp_path / "edited"), pictures(tmp_path / "sampled")
    for name, image in plain.items():
        np.testing.assert_array_equal(changed[name.replace(".png", "_+0.png")], image)
        assert (changed[name.replace(".png", "_+2.png")] != image).any()


def test_an_edit_does_not_depend_on_what_else_is_asked(gan, tmp_path):
    edited(gan, tmp_path / "whole")
    edited(gan, tmp_path / "one", strengths=(2.0,), classes=["d"])
    whole, one = pictures(tmp_path / "whole"), pictures(tmp_path / "one")
    for name in ("d/000000_+2.png", "d/000001_+2.png"):
        np.testing.assert_array_equal(one[name], whole[name])


def test_the_contact_sheet_has_a_row_for_each_image(gan, tmp_path):
    """Three strengths of 8 pixels and four gaps of 1 are 28 wide: enlarged 18 times; two images of 9 with 3 gaps."""
    edited(gan, tmp_path / "out", classes=["a"])
    sheet = Image.open(tmp_path / "out/contact.png")
    assert sheet.size == (18 * 28, 18 * 21)
    shrunk = np.asarray(sheet)[::18, ::18]
    found = pictures(tmp_path / "out")
    np.testing.assert_array_equal(shrunk[11:20, 19:27], found["a/000001_+2.png"])


def test_a_strength_is_a_number_of_standard_deviations_along_the_direction(gan, tmp_path, monkeypatch):
    """All images move alike, in proportion to the strength; projections of six styles show the unit."""
    moved = []
    monkeypatch.setattr(
        "ganaug.synthesis.edit.images", lambda _, w: moved.append(w) or np.zeros((len(w), 1, 9, 8), np.uint8)
    )
    edited(gan, tmp_path / "out", strengths=(0.0, 1.0, 2.0))
    first, second = ((moved[place] - moved[0]).double() for place in (1, 2))
    assert torch.allclose(second, 2 * first, atol=1e-5)
    assert torch.allclose(first, first[:1].expand_as(first), atol=1e-5)
    # rough: the deviation of six projections, against that of the 2,000 that gave the unit
    unit = first[0] / first[0].norm()
    assert 0.2 < (moved[0].double() @ unit).std() / first[0].norm() < 5


def test_without_a_direction_the_first_ones_of_sefa_are_shown(gan, tmp_path):
    edited(gan, tmp_path / "out", along=None)
    assert sorted(pictures(tmp_path / "out")) == [f"sefa_{number}.png" for number in range(5)]


def test_edits_can_be_made_at_a_part_of_the_cost(gan, tmp_path):
    edited(gan, tmp_path / "small", width=0.5, halvings=1)
    assert pictures(tmp_path / "small")["a/000000_+0.png"].shape == (5, 4)


def test_supervised_directions_ask_for_what_they_need(gan, tmp_path):
    assert edited(gan, tmp_path / "slant", along="attribute:slant", classes=["a"], count=1) == 3
    with pytest.raises(InputError, match="no ensemble: not a readable ensemble"):
        edited(gan, tmp_path / "out", along="confidence:d")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("along", "message"),
    [
        ("sefa:6", r"sefa: this GAN has directions 0 to 5 \(given: 6\)"),
        ("sefa:x", "--along sefa:x: after 'sefa:', Input should be a valid integer"),
        ("sefa:-1", "--along sefa:-1: after 'sefa:', Input should be greater than or equal to 0"),
        ("seva:1", r"unknown name in directions 'seva' \(did you mean 'sefa'\?\)"),
        ("attribute:hue", "--along attribute:hue: after 'attribute:', Input should be 'brightness', 'contrast' or"),
        ("attribute", "--along attribute: after 'attribute:', a value is missing"),
        ("confidence:e", "unknown class 'e'; choose from: a, b/c, d"),
    ],
)
def test_a_wrong_direction_is_named_before_anything_is_made(gan, tmp_path, along, message):
    with pytest.raises(InputError, match=message):
        edited(gan, tmp_path / "out", along=along)
    assert not (tmp_path / "out").exists()


def test_mistakes_are_named_before_anything_is_made(gan, tmp_path):
    cases = [
        ({"strengths": ()}, "strengths: give one finite number or more"),
        ({"strengths": (float("nan"),)}, "strengths: give one finite number or more"),
        ({"classes": ["e"]}, "unknown class 'e'"),
        ({"count": 0}, "count: must be 1 or more"),
        ({"width": 0.25}, r"width: this GAN was trained for 0.5, 1 \(given: 0.25\)"),
        ({"halvings": 2}, r"halvings: this GAN was trained for up to 1 \(given: 2\)"),
    ]
    for options, message in cases:
        with pytest.raises(InputError, match=message):
            edited(gan, tmp_path / "out", **options)
    with pytest.raises(InputError, match="gan: already exists"):
        edited(gan, gan)
    other = saved(tmp_path / "mlp", {"name": "mlp", "hidden": 4})
    with pytest.raises(InputError, match="mlp: this network has no styles to edit; use one that has: stylegan2"):
        edited(other, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_direction_without_a_value_has_its_default():
    assert direction("sefa") == Sefa(number=0)
    assert isinstance(direction("sefa:2"), Direction)
