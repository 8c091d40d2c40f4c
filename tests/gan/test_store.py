"""A trained GAN is the same after saving and loading."""

import json

import numpy as np
import pytest
import torch

from ganaug.core.errors import InputError
from ganaug.core.weights import ModelSpec
from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Shape
from ganaug.gan.networks.resnet import ResNet
from ganaug.gan.sampling import image_seeds, sample
from ganaug.gan.store import load_discriminator, load_generator, save_discriminator, save_generator

NETWORK = ResNet(z_dim=5, channels=4)
SPEC = ModelSpec(NETWORK, (3, 8, 10), ("cat", "dog"))


@pytest.fixture
def generator():
    torch.manual_seed(0)
    return NETWORK.generator(Shape(3, 8, 10), 2)


def test_a_saved_generator_gives_the_same_images_when_loaded(generator, tmp_path):
    generator(torch.randn(16, 5), conditions(torch.arange(16) % 2, 2))  # includes batch norm's statistics
    save_generator(tmp_path, generator, ModelSpec(NETWORK, (3, 8, 10), ("cat", "dög")))
    loaded, classes = load_generator(tmp_path)
    labels, seeds = np.arange(20) % 2, image_seeds(0, 20)
    expected, found = (np.concatenate(list(sample(one, labels, seeds))) for one in (generator, loaded))
    assert np.array_equal(found, expected)
    assert not loaded.training
    assert classes == ("cat", "dög")


def test_a_saved_discriminator_rates_as_before(generator, tmp_path):
    discriminator = NETWORK.discriminator(Shape(3, 8, 10), 2).eval()
    save_generator(tmp_path, generator, SPEC)
    save_discriminator(tmp_path, discriminator)
    loaded, classes = load_discriminator(tmp_path)
    images, condition = torch.randn(4, 3, 8, 10), conditions(torch.tensor([0, 1, 1, 0]), 2)
    assert torch.equal(loaded(images, condition).realness, discriminator(images, condition).realness)
    assert not loaded.training
    assert classes == ("cat", "dog")


def test_saving_is_byte_stable(generator, tmp_path):
    for name in ("a", "b"):
        save_generator(tmp_path / name, generator, SPEC)
    load, classes = load_generator(tmp_path / "a")
    save_generator(tmp_path / "c", load, ModelSpec(NETWORK, (3, 8, 10), classes))
    for file in ("generator.safetensors", "generator.json"):
        first = (tmp_path / "a" / file).read_bytes()
        assert (tmp_path / "b" / file).read_bytes() == first
        assert (tmp_path / "c" / file).read_bytes() == first


def spoil_everything_missing(folder):
    for file in folder.iterdir():
        file.unlink()


def spoil_missing_weights(folder):
    (folder / "generator.safetensors").unlink()


def spoil_truncated_spec(folder):
    file = folder / "generator.json"
    file.write_text(file.read_text(encoding="utf-8")[:40], encoding="utf-8")


def spoil_missing_entry(folder):
    (folder / "generator.json").write_text("{}", encoding="utf-8")


def spoil_other_network(folder):
    file = folder / "generator.json"
    spec = json.loads(file.read_text(encoding="utf-8"))
    spec["plugin"]["channels"] *= 2
    file.write_text(json.dumps(spec), encoding="utf-8")


def spoil_unknown_network(folder):
    file = folder / "generator.json"
    spec = json.loads(file.read_text(encoding="utf-8"))
    spec["plugin"]["name"] = "resnot"
    file.write_text(json.dumps(spec), encoding="utf-8")


def spoil_truncated_weights(folder):
    file = folder / "generator.safetensors"
    file.write_bytes(file.read_bytes()[:-10])


def spoil_list_instead_of_spec(folder):
    (folder / "generator.json").write_text("[]", encoding="utf-8")


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_truncated_weights,
        spoil_list_instead_of_spec,
        spoil_everything_missing,
        spoil_missing_weights,
        spoil_truncated_spec,
        spoil_missing_entry,
        spoil_other_network,
        spoil_unknown_network,
    ],
)
def test_an_unreadable_generator_is_an_input_error(generator, tmp_path, spoil):
    save_generator(tmp_path, generator, SPEC)
    spoil(tmp_path)
    with pytest.raises(InputError):
        load_generator(tmp_path)
