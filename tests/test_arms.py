"""One arm: its classifiers, one a replicate, and what they leave behind."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from ganaug.arms import ClassTeller, load_classifier, train_arm
from ganaug.classification import look, predict
from ganaug.errors import InputError
from ganaug.images import LabelledImages, to_float
from ganaug.networks import Shape
from ganaug.networks.mlp import Mlp
from ganaug.results import GANS, PREPARED, SYNTHETIC, Predictions, read_rows
from ganaug.sampling import load_discriminator, save_generator, save_weights
from ganaug.sections.train_classifier import Arm, TrainClassifier

pytestmark = pytest.mark.usefixtures("prepared")

SETTINGS = TrainClassifier(classifier={"name": "small_cnn", "channels": 4}, steps=6, batch_size=8, evaluate_every=3)
FILES = ("classifier.json", "classifier.safetensors", "history.csv", "val.npy", "test.npy")


@pytest.fixture
def prepared(tmp_path, monkeypatch, two_colours):
    """Make a folder with two replicates the current one, and return the test set."""
    monkeypatch.chdir(tmp_path)
    test = two_colours(14, seed=11)
    test.save(PREPARED / "test")
    two_colours(10, seed=10).save(PREPARED / "val")
    for replicate in range(2):
        two_colours(12, seed=replicate).save(PREPARED / str(replicate) / "train")
        two_colours(20, seed=5 + replicate).save(SYNTHETIC / str(replicate))
    return test


def train(folder: str, arm: Arm, replicates: tuple[int, ...] = (0, 1), seed: int = 0) -> dict[str, bytes]:
    """Return the content of each file of the result."""
    train_arm(SETTINGS, arm, replicates, seed, Path(folder))
    return {f"{one}/{file}": (Path(folder) / str(one) / file).read_bytes() for one in replicates for file in FILES}


def test_an_arm_leaves_weights_history_and_predictions_of_each_replicate():
    seconds = train_arm(SETTINGS, Arm(synthetic=0.5), (0, 1), 0, Path("arm"))
    assert set(seconds) == {"0", "1"}
    for replicate in "01":
        folder = Path("arm") / replicate
        assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
        predictions = Predictions.load(folder)
        assert (predictions.val.shape, predictions.test.shape) == ((10, 2), (14, 2))
        assert [row["step"] for row in read_rows(folder / "history.csv")] == [3, 6]


def test_the_same_seed_gives_the_same_bytes():
    arm = Arm(synthetic=0.5, transforms=({"name": "RandomHorizontalFlip"},))
    assert train("a", arm) == train("b", arm)
    assert train("c", arm, seed=1) != train("a", arm)


def test_a_replicate_does_not_depend_on_which_others_there_are():
    both, alone = train("a", Arm()), train("b", Arm(), replicates=(1,))
    assert {name: both[name] for name in alone} == alone
    assert both["0/test.npy"] != both["1/test.npy"]


def test_labels_of_the_test_set_are_never_looked_at(prepared):
    first = train("a", Arm())
    dataclasses.replace(prepared, labels=1 - prepared.labels).save(PREPARED / "test")
    assert train("b", Arm()) == first


def test_the_test_set_plays_no_part_in_training(prepared):
    first = train("a", Arm())
    prepared.subset(np.arange(3)).save(PREPARED / "test")
    second = train("b", Arm())
    for file in ("classifier.safetensors", "history.csv", "val.npy"):
        assert second[f"0/{file}"] == first[f"0/{file}"]


def test_an_arm_of_real_images_needs_no_synthetic_set():
    for file in SYNTHETIC.rglob("*.npy"):
        file.unlink()
    train("a", Arm())


def test_training_leaves_the_data_as_they_were():
    before = LabelledImages.load(PREPARED / "0" / "train").images.copy()
    train("a", Arm(synthetic=0.5))
    assert np.array_equal(LabelledImages.load(PREPARED / "0" / "train").images, before)


def test_a_saved_classifier_predicts_what_it_predicted(prepared):
    train("arm", Arm(), replicates=(0,))
    model, classes = load_classifier(Path("arm/0"))
    assert classes == prepared.classes
    np.testing.assert_array_equal(predict(model, prepared.images), Predictions.load(Path("arm/0")).test)


def test_a_classifier_that_is_not_there_is_told():
    with pytest.raises(InputError, match="nowhere"):
        load_classifier(Path("nowhere"))


TOLD = Arm(discriminator=True)


@pytest.fixture
def gans(prepared):
    """Make a GAN for each replicate, whose discriminators tell classes."""
    for replicate in range(2):
        torch.manual_seed(replicate)
        network = Mlp(z_dim=2, hidden=4, noise=0.5, discriminator_conditioning="auxiliary")
        shape, folder = Shape(3, 8, 8), GANS / str(replicate)
        save_generator(folder, network.generator(shape, 2), network, shape, ("red", "blue"))
        save_weights(folder / "discriminator.safetensors", network.discriminator(shape, 2))


@pytest.mark.usefixtures("gans")
def test_an_arm_of_the_discriminator_predicts_what_the_discriminator_of_each_replicate_says(prepared):
    for file in SYNTHETIC.rglob("*.npy"):
        file.unlink()
    assert set(train_arm(SETTINGS, TOLD, (0, 1), 0, Path("arm"))) == {"0", "1"}
    val = LabelledImages.load(PREPARED / "val")
    for replicate in "01":
        folder = Path("arm") / replicate
        # there is no classifier to save
        assert sorted(file.name for file in folder.iterdir()) == ["history.csv", "test.npy", "val.npy"]
        discriminator, predictions = load_discriminator(GANS / replicate), Predictions.load(folder)
        for images, found in ((val, predictions.val), (prepared, predictions.test)):
            with torch.no_grad():
                critique = discriminator(to_float(torch.from_numpy(images.images.copy())), torch.zeros(len(images), 2))
            np.testing.assert_allclose(found, critique.class_logits.softmax(1), atol=1e-6)
        (row,) = read_rows(folder / "history.csv")
        assert row == pytest.approx({"step": 0} | look(ClassTeller(discriminator, 2), val), abs=1e-5)
    assert not np.allclose(Predictions.load(Path("arm/0")).test, Predictions.load(Path("arm/1")).test)


@pytest.mark.usefixtures("gans")
def test_an_arm_of_the_discriminator_is_not_random():
    for folder, seed in (("a", 0), ("b", 1)):
        train_arm(SETTINGS, TOLD, (0,), seed, Path(folder))
    for file in ("history.csv", "val.npy", "test.npy"):
        assert Path("a/0", file).read_bytes() == Path("b/0", file).read_bytes()


def test_an_arm_of_the_discriminator_needs_the_gan():
    with pytest.raises(InputError, match=r"not a readable GAN.*dvc repro train_gan"):
        train_arm(SETTINGS, TOLD, (0,), 0, Path("arm"))
