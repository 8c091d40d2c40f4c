"""One arm: its classifiers, one a replicate, and what they leave behind."""

import dataclasses
import itertools
import json
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
import torch

from ganaug.classifier.prediction import look, predict
from ganaug.classifier.pseudo_labels import STEPS
from ganaug.classifier.scores import balanced_accuracy
from ganaug.core.errors import InputError
from ganaug.core.files import read_rows
from ganaug.core.paths import ENSEMBLES, GANS, PREPARED, SYNTHETIC
from ganaug.core.seeding import derive
from ganaug.core.weights import save_weights
from ganaug.data.images import LabelledImages, to_float
from ganaug.data.preparation import draw_training
from ganaug.data.settings import Prepare
from ganaug.experiment import training
from ganaug.experiment.arm_settings import Arm, Teacher, TrainClassifier
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.training import TEACHERS, ClassTeller, load_classifier, train_arm
from ganaug.gan.networks import Shape
from ganaug.gan.networks.mlp import Mlp
from ganaug.gan.sampling import load_discriminator, save_generator

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
        assert (predictions.val.shape, predictions.test.shape) == ((1, 10, 2), (1, 14, 2))
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


def test_several_seeds_are_all_scored_and_the_best_one_is_kept(prepared):
    several = dataclasses.replace(SETTINGS, seeds=3)
    train_arm(several, Arm(), (0, 1), 0, Path("several"))
    train_arm(SETTINGS, Arm(), (0, 1), 0, Path("one"))
    val, figures = LabelledImages.load(PREPARED / "val"), []
    for replicate in "01":
        found, alone = (Predictions.load(Path(folder) / replicate) for folder in ("several", "one"))
        assert (found.val.shape, found.test.shape) == ((3, 10, 2), (3, 14, 2))
        np.testing.assert_array_equal(found.test[0], alone.test[0])  # more seeds change nothing in the first
        assert len({one.tobytes() for one in found.test}) == 3
        each = [balanced_accuracy(one.argmax(1), val.labels) for one in found.val]
        figures.append(np.mean(each))
        model, _ = load_classifier(Path("several") / replicate)
        np.testing.assert_array_equal(predict(model, prepared.images), found.test[int(np.argmax(each))])
    assert share("several")["val_balanced_accuracy"]["0.0"] == pytest.approx(np.mean(figures), abs=1e-6)


def test_a_saved_classifier_predicts_what_it_predicted(prepared):
    train("arm", Arm(), replicates=(0,))
    model, classes = load_classifier(Path("arm/0"))
    assert classes == prepared.classes
    np.testing.assert_array_equal(predict(model, prepared.images), Predictions.load(Path("arm/0")).test[0])


def test_a_classifier_that_is_not_there_is_told():
    with pytest.raises(InputError, match="nowhere"):
        load_classifier(Path("nowhere"))


# --- several shares of synthetic images ------------------------------------------------------------------------------


LONGER = dataclasses.replace(SETTINGS, steps=80, learning_rate=1e-2, evaluate_every=80)
"""Enough to tell red from blue."""


def with_wrong_labels(folder):
    images = LabelledImages.load(folder)
    dataclasses.replace(images, labels=1 - images.labels).save(folder)


def share(folder="arm"):
    return json.loads(Path(folder, "share.json").read_text())


def figures_alone(*shares):
    """Return the mean balanced accuracy on validation of an arm with each of these shares alone, tried."""
    val, figures = LabelledImages.load(PREPARED / "val"), {}
    for one in shares:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training, "derive", lambda seed, name: derive(seed, name.replace("classifier", "trial")))
            train_arm(LONGER, Arm(synthetic=one), (0, 1), 0, Path("alone"))
        predicted = [Predictions.load(Path("alone") / replicate).val[0].argmax(1) for replicate in "01"]
        figures[str(one)] = float(np.mean([balanced_accuracy(each, val.labels) for each in predicted]))
    return figures


def test_the_share_that_is_best_on_validation_is_kept():
    for replicate in "01":
        with_wrong_labels(PREPARED / replicate / "train")
    train_arm(LONGER, Arm(synthetic=(0.0, 1.0)), (0, 1), 0, Path("arm"))
    assert share() == {"synthetic": 1.0, "val_balanced_accuracy": figures_alone(0.0, 1.0)}


def test_one_share_is_kept_for_all_replicates_by_their_mean():
    with_wrong_labels(SYNTHETIC / "1")
    train_arm(LONGER, Arm(synthetic=(0.0, 1.0)), (0, 1), 0, Path("arm"))
    assert share() == {"synthetic": 0.0, "val_balanced_accuracy": figures_alone(0.0, 1.0)}
    assert share("alone")["val_balanced_accuracy"]["1.0"] >= 0.5  # in replicate 0 there is nothing wrong with it


@pytest.mark.parametrize("shares", [(0.0, 0.5, 1.0), (1.0, 0.5, 0.0)])
def test_of_equally_good_shares_the_smallest_is_kept(shares):
    train_arm(LONGER, Arm(synthetic=shares), (0, 1), 0, Path("arm"))
    assert share() == {"synthetic": 0.0, "val_balanced_accuracy": {"0.0": 1.0, "0.5": 1.0, "1.0": 1.0}}


def test_the_test_set_has_no_say_in_the_share():
    with_wrong_labels(PREPARED / "test")
    for replicate in "01":
        with_wrong_labels(PREPARED / replicate / "train")  # of which the test set's labels would be learned
    train_arm(LONGER, Arm(synthetic=(0.0, 1.0)), (0, 1), 0, Path("arm"))
    assert share()["synthetic"] == 1.0


@pytest.mark.parametrize(("wrong", "kept"), [(SYNTHETIC, 0.0), (PREPARED, 0.75)])
def test_what_is_kept_is_bit_for_bit_the_arm_with_that_share_alone(monkeypatch, wrong, kept):
    monkeypatch.setattr(f"{__name__}.SETTINGS", LONGER)
    for replicate in "01":
        with_wrong_labels(wrong / replicate / ("train" if wrong == PREPARED else ""))
    flip = ({"name": "RandomHorizontalFlip"},)
    several = train("several", Arm(synthetic=(0.75, 0.0), transforms=flip))
    assert share("several")["synthetic"] == kept
    assert several == train("alone", Arm(synthetic=kept, transforms=flip))


def test_an_arm_with_one_share_tells_it_too():
    train_arm(LONGER, Arm(synthetic=0.25), (0, 1), 0, Path("arm"))
    assert share() == {"synthetic": 0.25, "val_balanced_accuracy": {"0.25": 1.0}}
    train_arm(LONGER, Arm(), (1,), 0, Path("arm"))
    assert share() == {"synthetic": 0.0, "val_balanced_accuracy": {"0.0": 1.0}}


def test_a_replicate_took_the_seconds_of_all_its_shares(monkeypatch):
    # start and end of replicates 0 and 1 with share 0, with share 0.5, and with the one that is kept
    clock = iter([0.0, 1.0, 10.0, 12.5, 20.0, 24.0, 30.0, 38.0, 40.0, 40.5, 50.0, 50.25])
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=clock.__next__))
    assert train_arm(SETTINGS, Arm(synthetic=(0, 0.5)), (0, 1), 0, Path("arm")) == {"0": 5.5, "1": 10.75}


def test_what_is_kept_was_trained_with_other_seeds_than_it_was_tried_with(monkeypatch):
    seeds = []

    def fit(settings, arm, sets, seed, *rest):
        seeds.append((arm.synthetic, seed))
        return real(settings, arm, sets, seed, *rest)

    real = training.fit
    monkeypatch.setattr(training, "fit", fit)
    train_arm(SETTINGS, Arm(synthetic=(0, 0.5)), (0, 1), 0, Path("arm"))
    tried, kept = seeds[:4], seeds[4:]
    assert (
        len({seed for _, seed in tried}) == len({seed for _, seed in kept}) == 2
    )  # one a replicate, whatever the share
    assert not {seed for _, seed in tried} & {seed for _, seed in kept}
    assert {one for one, _ in kept} == {share()["synthetic"]}


# --- more labels -----------------------------------------------------------------------------------------------------


@pytest.fixture
def pool(two_colours):
    """Save a pool of 30 red and 20 blue images, and each replicate's three of each as prepare draws them."""
    made = two_colours(60, seed=3).subset(np.r_[0:40, 40:60:2])
    made.save(PREPARED / "pool")
    prepare = Prepare(source={"name": "digits"}, path=".", test=0.5, val=1, labelled_per_class=3)
    for replicate in range(2):
        draw_training(prepare, made, 7, replicate).train.save(PREPARED / str(replicate) / "train")
    return made


@pytest.fixture
def trained_on(monkeypatch):
    """Return a function that trains an arm of seed 7 and returns the training set of each replicate."""
    found = []

    def fit(settings, arm, sets, *rest):
        found.append(sets.train)
        return real(settings, arm, sets, *rest)

    real = training.fit
    monkeypatch.setattr(training, "fit", fit)

    def run(arm):
        found.clear()
        train_arm(SETTINGS, arm, (0, 1), 7, Path("more"))
        return list(found)

    return run


def contents(images):
    return {(image.tobytes(), label) for image, label in zip(images.images, images.labels.tolist(), strict=True)}


def test_more_labels_hold_the_fewer_ones_of_the_same_replicate(pool, trained_on):
    limited, some, most, everything = (trained_on(Arm(labels=labels)) for labels in ("limited", 5, 20, "all"))
    for replicate in range(2):
        assert limited[replicate].counts == {"red": 3, "blue": 3}
        assert some[replicate].counts == {"red": 5, "blue": 5}
        assert most[replicate].counts == {"red": 20, "blue": 20}
        sizes = [contents(one[replicate]) for one in (limited, some, most, everything)]
        assert all(fewer < more for fewer, more in itertools.pairwise(sizes))
        assert sizes[-1] == contents(pool)
    assert contents(some[0]) != contents(some[1])


def test_only_an_arm_with_more_labels_needs_the_pool():
    assert not (PREPARED / "pool").exists()
    train("a", Arm(synthetic=0.5))
    with pytest.raises(InputError, match="pool"):
        train("b", Arm(labels="all"))


# --- the discriminator -----------------------------------------------------------------------------------------------


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
        for images, (found,) in ((val, predictions.val), (prepared, predictions.test)):
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


# --- pseudo-labels ---------------------------------------------------------------------------------------------------


@pytest.fixture
def unlabelled(gans, two_colours):
    """Save images without labels, and what an ensemble takes them for: all of them red."""
    images = two_colours(20, seed=4).without_labels()
    for replicate in range(2):
        images.save(PREPARED / str(replicate) / "unlabelled")
        (ENSEMBLES / str(replicate)).mkdir(parents=True)
        np.save(ENSEMBLES / str(replicate) / "unlabelled.npy", np.tile(np.float32([0.9, 0.1]), (20, 1)))
    return images


def taught(monkeypatch, arm: Arm) -> LabelledImages:
    """Return the pseudo-labelled images that an arm is trained on."""
    found = []
    fitted = training.fit
    monkeypatch.setattr(training, "fit", lambda *rest: found.append(rest[2].pseudo) or fitted(*rest))
    train_arm(SETTINGS, arm, (1,), 0, Path("arm"))
    return found[0]


def test_pseudo_labels_are_the_ensembles(monkeypatch, unlabelled):
    found = taught(monkeypatch, Arm(pseudo_labels=0.5, confidence=0.8))
    np.testing.assert_array_equal(found.images, unlabelled.images)
    assert found.labels.tolist() == [0] * 20


def test_pseudo_labels_may_be_the_discriminators_of_each_replicate(monkeypatch, unlabelled):
    found = taught(monkeypatch, Arm(pseudo_labels=0.5, confidence=0.0, teacher="discriminator"))
    teacher = ClassTeller(load_discriminator(GANS / "1"), 2)
    np.testing.assert_array_equal(found.images, unlabelled.images)
    np.testing.assert_array_equal(found.labels, predict(teacher, unlabelled.images).argmax(1))


def test_both_teachers_are_heard(monkeypatch, unlabelled):
    said = predict(ClassTeller(load_discriminator(GANS / "1"), 2), unlabelled.images)
    red = said[:, 0] * 0.9 > said[:, 1] * 0.1  # the ensemble says 90 % red
    found = taught(monkeypatch, Arm(pseudo_labels=0.5, confidence=0.0, teacher="both"))
    assert found.labels.tolist() == (~red).tolist()


@pytest.mark.usefixtures("unlabelled")
@pytest.mark.parametrize("teacher", ["ensemble", "discriminator", "both"])
def test_a_teacher_that_is_sure_of_nothing_is_told_with_the_arm(teacher):
    arm = Arm(pseudo_labels=0.5, confidence=0.999999, teacher=teacher)
    with pytest.raises(
        InputError, match=f"^arm arm, replicate 0: pseudo_labels: teacher '{teacher}' is sure of none of 20"
    ):
        train_arm(SETTINGS, arm, (0,), 0, Path("arm"))


def test_every_teacher_can_be_asked_and_has_a_remedy():
    assert set(TEACHERS) == set(STEPS) == set(get_args(Teacher))
