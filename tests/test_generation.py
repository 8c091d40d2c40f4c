"""The synthetic set of one generator."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image

from ganaug.errors import InputError
from ganaug.generation import generate
from ganaug.images import LabelledImages
from ganaug.networks import Shape
from ganaug.networks.resnet import ResNet
from ganaug.sampling import image_seeds, load_generator, sample, save_generator
from ganaug.sections.generate import Generate


@pytest.fixture
def gan(tmp_path):
    torch.manual_seed(0)
    network = ResNet(z_dim=4, channels=2)
    folder = tmp_path / "gan"
    save_generator(folder, network.generator(Shape(3, 9, 8), 3), network, Shape(3, 9, 8), ("a", "b", "c"))
    return folder


def test_as_many_images_of_each_class_as_asked_for(gan, tmp_path):
    synthetic = generate(Generate(per_class=25), gan, 5, tmp_path / "out")
    assert synthetic.shape == (3, 9, 8)
    assert synthetic.counts == {"a": 25, "b": 25, "c": 25}
    loaded = LabelledImages.load(tmp_path / "out")
    assert np.array_equal(loaded.images, synthetic.images)
    assert np.array_equal(loaded.labels, synthetic.labels)
    with Image.open(tmp_path / "out" / "contact.png") as contact:
        assert contact.width >= 480


def test_every_image_can_be_made_again_from_its_row(gan, tmp_path):
    synthetic = generate(Generate(per_class=30), gan, 5, tmp_path / "out")
    with (tmp_path / "out" / "samples.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["index"]) for row in rows] == list(range(90))
    labels, seeds = np.array([int(row["label"]) for row in rows]), np.array([int(row["seed"]) for row in rows])
    assert labels.tolist() == synthetic.labels.tolist()
    assert seeds.tolist() == image_seeds(5, 90).tolist()
    generator, _ = load_generator(gan)
    again = np.concatenate(list(sample(generator, labels, seeds)))
    assert np.array_equal(again, synthetic.images)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_images(gan, tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate(Generate(per_class=5), gan, seed, tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert (tmp_path / "b" / file.name).read_bytes() == file.read_bytes()
    assert (tmp_path / "a" / "images.npy").read_bytes() != (tmp_path / "c" / "images.npy").read_bytes()


def test_an_earlier_set_is_replaced_as_a_whole(gan, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "stray.txt").write_text("of an earlier run")
    generate(Generate(per_class=1), gan, 5, tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "card.json",
        "contact.png",
        "images.npy",
        "labels.npy",
        "samples.csv",
    ]


def test_without_a_generator_the_user_is_told(tmp_path):
    with pytest.raises(InputError, match="train_gan"):
        generate(Generate(per_class=1), tmp_path / "nothing", 0, tmp_path / "out")
