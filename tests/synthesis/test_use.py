"""Using a trained GAN outside the pipeline: images of classes, and translations of new images."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganaug.core.errors import InputError
from ganaug.core.plugins import build
from ganaug.core.weights import ModelSpec
from ganaug.data.settings import Prepare
from ganaug.data.values import Range
from ganaug.gan.networks import Shape
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.store import load_generator, save_generator
from ganaug.synthesis.use import Reading, sample_images, translate_images

CLASSES = ("a", "b/c", "d")


def saved(folder, spec, further=(), attributes=(), describer=None):
    network, shape = build("gan.networks", spec), Shape(1, 9, 8)
    torch.manual_seed(0)
    generator = network.generator(shape, len(CLASSES) + len(further) + len(attributes))
    save_generator(folder, generator, ModelSpec(network, shape, CLASSES, further, attributes, describer))
    return folder


@pytest.fixture
def gan(tmp_path):
    return saved(tmp_path / "gan", {"name": "mlp", "hidden": 4, "z_dim": 3})


def sampled(gan, output, classes=None, count=4, seed=1):
    sample_images(gan, output, classes, count, seed)
    return np.load(output)


def test_an_archive_holds_images_labels_and_seeds(gan, tmp_path):
    found = sampled(gan, tmp_path / "out.npz")
    assert (found["images"].shape, found["images"].dtype) == ((12, 9, 8, 1), np.uint8)
    assert found["labels"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert found["classes"].tolist() == list(CLASSES)
    assert len(set(found["seeds"].tolist())) == 12


def test_images_of_a_class_do_not_depend_on_what_else_is_asked(gan, tmp_path):
    whole = sampled(gan, tmp_path / "whole.npz")
    one, other_seed = (sampled(gan, tmp_path / f"{seed}.npz", ["d"], seed=seed) for seed in (1, 2))
    np.testing.assert_array_equal(one["images"], whole["images"][8:])
    assert (other_seed["images"] != one["images"]).any()


def test_a_folder_holds_the_same_images_by_class(gan, tmp_path):
    whole = sampled(gan, tmp_path / "whole.npz")
    assert sample_images(gan, tmp_path / "out", ["b/c", "a"], 4, 1) == 8
    files = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png"))
    assert files == [f"{folder}/00000{number}.png" for folder in ("a", "b%2Fc") for number in range(4)]
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out/b%2Fc/000002.png")), whole["images"][6, ..., 0])


def test_mistakes_are_named_before_anything_is_made(gan, painter, tmp_path):
    with pytest.raises(InputError, match="unknown class 'e'; choose from: a, b/c, d"):
        sample_images(gan, tmp_path / "out", ["e"], 4, 1)
    with pytest.raises(InputError, match="count: must be 1 or more"):
        sample_images(gan, tmp_path / "out", None, 0, 1)
    with pytest.raises(InputError, match="gan: already exists"):
        sample_images(gan, gan, None, 4, 1)
    with pytest.raises(InputError, match="makes images from noise; stargan, cyclegan and discogan translate"):
        translate(gan, tmp_path, tmp_path / "out")
    translator = saved(tmp_path / "translator", painter)
    with pytest.raises(InputError, match="this network translates images; use: ganaug translate"):
        sample_images(translator, tmp_path / "out", None, 4, 1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty: no image files"):
        translate(translator, tmp_path / "empty", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_copied_gan_knows_its_describer(tmp_path, monkeypatch):
    """Elsewhere, without params.yaml; the same network with other texts for its names makes other images."""
    stackgan = {"name": "stackgan", "z_dim": 5, "condition_dim": 2, "channels": 4, "blocks": 1}
    names, describer = ("age", "sex=f"), {"name": "attributes"}
    saved(tmp_path / "gan", stackgan, attributes=names, describer=describer).rename(tmp_path / "copy")
    monkeypatch.chdir(tmp_path)
    made = {}
    for text in ("age=0.5", "age=0.5, sex=f"):
        sample_images(tmp_path / "copy", tmp_path / f"{text}.npz", ["a"], 2, 1, description=text)
        made[text] = np.load(tmp_path / f"{text}.npz")["images"]
    generator, _ = load_generator(tmp_path / "copy")
    vector = np.array([[0.5, 1]] * 2, dtype=np.float32)
    (by_hand,) = sample(generator, np.zeros(2, np.int64), image_seeds(1, 6)[:2], attributes=vector)
    np.testing.assert_array_equal(made["age=0.5, sex=f"], by_hand.transpose(0, 2, 3, 1))
    assert (made["age=0.5"] != made["age=0.5, sex=f"]).any()
    with pytest.raises(InputError, match="--describe: this GAN does not know old=yes; it knows: age, sex=f"):
        sample_images(tmp_path / "copy", tmp_path / "out", None, 1, 1, description="old")


@pytest.mark.parametrize(
    ("describer", "message"),
    [
        (None, r"generator.json has no describer \(earlier versions wrote none\); train this GAN again"),
        ({"name": "telepathy"}, "unknown name in describers 'telepathy'"),
        ({"name": "bag_of_words", "max_words": "many"}, "gan: not a readable GAN"),
    ],
)
def test_a_describer_that_cannot_be_read_is_named(tmp_path, describer, message):
    stackgan = {"name": "stackgan", "z_dim": 5, "condition_dim": 2, "channels": 4, "blocks": 1}
    gan = saved(tmp_path / "gan", stackgan, attributes=("left",), describer=describer)
    with pytest.raises(InputError, match=message):
        sample_images(gan, tmp_path / "out", None, 1, 1, description="left")


def translate(gan, files, output, black_and_white=(0, 255), to="b/c"):
    prepare = Prepare(source={"name": "digits"}, path=".", test=0.3, val=0.1, labelled_per_class=5)
    return translate_images(gan, files, output, to, Reading(prepare, Range(*black_and_white), "uint8"), 1)


@pytest.fixture
def photographs(tmp_path):
    """Two colour photographs of another size, one in a sub-folder, and a text."""
    (tmp_path / "mine/sub").mkdir(parents=True)
    for name, level in (("one.jpg", 40), ("sub/two.png", 200)):
        Image.new("RGB", (30, 20), (level, level, level)).save(tmp_path / "mine" / name)
    (tmp_path / "mine/notes.txt").write_text("no image")
    return tmp_path / "mine"


def test_images_become_like_those_that_the_gan_knows_and_keep_their_places(painter, photographs, tmp_path):
    translator = saved(tmp_path / "gan", painter)
    assert translate(translator, photographs, tmp_path / "out") == 2
    found = {path.relative_to(tmp_path / "out").as_posix(): np.asarray(Image.open(path)).astype(int)
             for path in (tmp_path / "out").rglob("*.*")}  # fmt: skip
    assert sorted(found) == ["one.png", "sub/two.png"]
    assert all(image.shape == (9, 8) for image in found.values())
    translate(translator, photographs, tmp_path / "out.npz")
    archive = np.load(tmp_path / "out.npz")
    assert archive["names"].tolist() == ["one.jpg", "sub/two.png"]
    np.testing.assert_array_equal(archive["images"][1, ..., 0], found["sub/two.png"])
    # the painter gives (source + paint) / 2, with the same noise for the same number: half of the difference remains
    alone = tmp_path / "alone"
    (alone / "a").mkdir(parents=True)
    Image.new("L", (8, 9), 40).save(alone / "a/first.png")
    Image.new("L", (8, 9), 40).save(alone / "a/second.png")
    translate(translator, alone, tmp_path / "alone.npz")
    dark = np.load(tmp_path / "alone.npz")["images"][1, ..., 0].astype(int)
    assert np.abs(found["sub/two.png"] - dark - 80).max() <= 1


def test_images_can_be_carried_into_another_domain_that_the_gan_knows(painter, photographs, tmp_path):
    translator = saved(tmp_path / "gan", painter, further=("other domain",))
    assert translate(translator, photographs, tmp_path / "out", to="other domain") == 2
    with pytest.raises(InputError, match="unknown class 'old'; choose from: a, b/c, d, other domain"):
        translate(translator, photographs, tmp_path / "again", to="old")


def test_values_are_read_as_those_of_the_training_images(painter, tmp_path):
    """Levels 40 to 60 of the files are black and white."""
    translator = saved(tmp_path / "gan", painter)
    (tmp_path / "mine").mkdir()
    Image.new("L", (8, 9), 60).save(tmp_path / "mine/white.png")
    for limits in ((0, 255), (40, 60)):
        translate(translator, tmp_path / "mine", tmp_path / f"{limits[1]}.npz", limits)
    first, second = (np.load(tmp_path / f"{high}.npz")["images"].astype(int) for high in (255, 60))
    assert np.abs(second - first - (255 - 60) / 2).max() <= 1


def test_images_of_another_type_are_refused(painter, tmp_path):
    (tmp_path / "mine").mkdir()
    Image.fromarray(np.full((9, 8), 300, np.uint16)).save(tmp_path / "mine/deep.png")
    with pytest.raises(InputError, match="values are uint16, but the training images had uint8"):
        translate(saved(tmp_path / "gan", painter), tmp_path / "mine", tmp_path / "out")
