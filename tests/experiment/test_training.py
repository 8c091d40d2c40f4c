"""Training of one arm: each replicate's classifiers, and the files written."""

import dataclasses
import itertools
import json
from functools import partial
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
import torch

from ganaug.classifier.prediction import predict, validate
from ganaug.classifier.pseudo_labels import Teacher
from ganaug.classifier.scores import balanced_accuracy
from ganaug.classifier.store import load_classifier
from ganaug.core.errors import InputError
from ganaug.core.files import read_rows
from ganaug.core.paths import Paths
from ganaug.core.seeding import derive
from ganaug.core.weights import save_weights
from ganaug.data.images import LabelledImages, to_float
from ganaug.data.preparation import draw_order, draw_training
from ganaug.data.settings import Prepare
from ganaug.experiment import training
from ganaug.experiment.arm_batches import TrainingSets
from ganaug.experiment.arm_data import ArmData, ReplicateData, arm_data
from ganaug.experiment.arm_settings import Arm, TrainClassifier
from ganaug.experiment.predictions import Predictions
from ganaug.experiment.training import TEACHERS, train_arm
from ganaug.gan.discriminator_classifier import DiscriminatorClassifier, load_discriminator_classifier
from ganaug.gan.networks import Shape
from ganaug.gan.networks.mlp import Mlp
from ganaug.gan.sampling import load_discriminator, save_generator

pytestmark = pytest.mark.usefixtures("prepared")

SETTINGS = TrainClassifier(classifier={"name": "small_cnn", "channels": 4}, steps=6, batch_size=8, evaluate_every=3)
FILES = ("classifier.json", "classifier.safetensors", "history.csv", "val.npy", "test.npy")


@pytest.fixture
def paths(tmp_path) -> Paths:
    return Paths(tmp_path)


@pytest.fixture(autouse=True)
def prepared(paths, two_colours):
    """Save the data of two replicates, and return the test set."""
    test = two_colours(14, seed=11)
    test.save(paths.test)
    two_colours(10, seed=10).save(paths.val)
    for replicate in range(2):
        two_colours(12, seed=replicate).save(paths.train(replicate))
        two_colours(20, seed=5 + replicate).save(paths.synthetic(replicate))
    return test


def data(paths: Paths, replicates: tuple[int, ...] = (0, 1)) -> ArmData:
    """Return the data of some replicates."""
    load = load_discriminator_classifier
    return arm_data(paths, {one: ReplicateData(paths, one, partial(load, paths.gan(one))) for one in replicates})


def train(paths: Paths, folder: str, arm: Arm, replicates: tuple[int, ...] = (0, 1), seed: int = 0) -> dict[str, bytes]:
    """Return the content of each file of the result."""
    train_arm(SETTINGS, arm, data(paths, replicates), seed, paths.root / folder)
    return {
        f"{one}/{file}": (paths.root / folder / str(one) / file).read_bytes() for one in replicates for file in FILES
    }


def test_an_arm_leaves_weights_history_and_predictions_of_each_replicate(paths):
    seconds = train_arm(SETTINGS, Arm(synthetic=0.5), data(paths), 0, (paths.root / "arm"))
    assert set(seconds) == {"0", "1"}
    for replicate in "01":
        folder = paths.root / "arm" / replicate
        assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
        predictions = Predictions.load(folder)
        assert (predictions.val.shape, predictions.test.shape) == ((1, 10, 2), (1, 14, 2))
        assert [row["step"] for row in read_rows(folder / "history.csv")] == [3, 6]


def test_the_same_seed_gives_the_same_bytes(paths):
    arm = Arm(synthetic=0.5, transforms=({"name": "RandomHorizontalFlip"},))
    assert train(paths, "a", arm) == train(paths, "b", arm)
    assert train(paths, "c", arm, seed=1) != train(paths, "a", arm)


def test_a_replicate_does_not_depend_on_the_others(paths):
    both, alone = train(paths, "a", Arm()), train(paths, "b", Arm(), replicates=(1,))
    assert {name: both[name] for name in alone} == alone
    assert both["0/test.npy"] != both["1/test.npy"]


def test_test_images_have_no_effect_on_training(paths, prepared):
    first = train(paths, "a", Arm())
    prepared.subset(np.arange(3)).save(paths.test)
    second = train(paths, "b", Arm())
    for file in ("classifier.safetensors", "history.csv", "val.npy"):
        assert second[f"0/{file}"] == first[f"0/{file}"]


def test_an_arm_of_real_images_reads_nothing_else(paths):
    for file in paths.synthetic(0).parent.rglob("*.npy"):
        file.unlink()
    train(paths, "a", Arm())


def test_nothing_is_written_into_the_data(paths):
    before = {file: file.read_bytes() for file in paths.root.rglob("*.npy")}
    train(paths, "a", Arm(synthetic=0.5))
    assert {file: file.read_bytes() for file in before} == before


def test_all_seeds_are_scored_and_the_best_classifier_is_saved(paths, prepared):
    several = dataclasses.replace(SETTINGS, seeds=3)
    train_arm(several, Arm(), data(paths), 0, (paths.root / "several"))
    train_arm(SETTINGS, Arm(), data(paths), 0, (paths.root / "one"))
    val, means = LabelledImages.load(paths.val), []
    for replicate in "01":
        found, alone = (Predictions.load(paths.root / folder / replicate) for folder in ("several", "one"))
        assert (found.val.shape, found.test.shape) == ((3, 10, 2), (3, 14, 2))
        np.testing.assert_array_equal(found.test[0], alone.test[0])  # more seeds do not change the first
        assert len({one.tobytes() for one in found.test}) == 3
        each = [balanced_accuracy(one.argmax(1), val.labels) for one in found.val]
        means.append(np.mean(each))
        model, _ = load_classifier((paths.root / "several") / replicate)
        np.testing.assert_array_equal(predict(model, prepared.images), found.test[int(np.argmax(each))])
    assert share(paths, "several")["val_balanced_accuracy"]["0.0"] == pytest.approx(np.mean(means), abs=1e-6)


def test_a_saved_classifier_predicts_what_it_predicted(paths, prepared):
    train(paths, "arm", Arm(), replicates=(0,))
    model, classes = load_classifier(paths.root / "arm/0")
    assert classes == prepared.classes
    np.testing.assert_array_equal(predict(model, prepared.images), Predictions.load(paths.root / "arm/0").test[0])


# --- several shares of synthetic images ------------------------------------------------------------------------------


LONGER = dataclasses.replace(SETTINGS, steps=80, learning_rate=1e-2, evaluate_every=80)
"""Enough to distinguish red from blue."""


def with_wrong_labels(folder):
    images = LabelledImages.load(folder)
    dataclasses.replace(images, labels=1 - images.labels).save(folder)


def share(paths, folder="arm"):
    return json.loads((paths.root / folder / "share.json").read_text())


def figures_alone(paths, *shares):
    """Return the mean balanced accuracy on validation of arms with one share each, trained with the trials' seeds."""
    val, figures = LabelledImages.load(paths.val), {}
    for one in shares:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(training, "derive", lambda seed, name: derive(seed, name.replace("classifier", "trial")))
            train_arm(LONGER, Arm(synthetic=one), data(paths), 0, (paths.root / "alone"))
        predicted = [Predictions.load((paths.root / "alone") / replicate).val[0].argmax(1) for replicate in "01"]
        figures[str(one)] = float(np.mean([balanced_accuracy(each, val.labels) for each in predicted]))
    return figures


def test_the_share_that_is_best_on_validation_is_chosen(paths):
    for replicate in "01":
        with_wrong_labels(paths.train(replicate))
    train_arm(LONGER, Arm(synthetic=(0.0, 1.0)), data(paths), 0, (paths.root / "arm"))
    assert share(paths) == {"synthetic": 1.0, "val_balanced_accuracy": figures_alone(paths, 0.0, 1.0)}


def test_one_share_is_chosen_for_all_replicates_by_their_mean(paths):
    with_wrong_labels(paths.synthetic(1))
    train_arm(LONGER, Arm(synthetic=(0.0, 1.0)), data(paths), 0, (paths.root / "arm"))
    assert share(paths) == {"synthetic": 0.0, "val_balanced_accuracy": figures_alone(paths, 0.0, 1.0)}
    assert share(paths, "alone")["val_balanced_accuracy"]["1.0"] >= 0.5  # nothing is wrong with replicate 0


@pytest.mark.parametrize("shares", [(0.0, 0.5, 1.0), (1.0, 0.5, 0.0)])
def test_the_smallest_of_equally_good_shares_is_chosen(paths, shares):
    train_arm(LONGER, Arm(synthetic=shares), data(paths), 0, (paths.root / "arm"))
    assert share(paths) == {"synthetic": 0.0, "val_balanced_accuracy": {"0.0": 1.0, "0.5": 1.0, "1.0": 1.0}}


@pytest.mark.parametrize(("wrong", "chosen"), [("synthetic", 0.0), ("train", 0.75)])
def test_the_result_is_bit_for_bit_the_arm_with_the_chosen_share_alone(paths, monkeypatch, wrong, chosen):
    monkeypatch.setattr(f"{__name__}.SETTINGS", LONGER)
    for replicate in "01":
        with_wrong_labels(getattr(paths, wrong)(replicate))
    flip = ({"name": "RandomHorizontalFlip"},)
    several = train(paths, "several", Arm(synthetic=(0.75, 0.0), transforms=flip))
    assert share(paths, "several")["synthetic"] == chosen
    assert several == train(paths, "alone", Arm(synthetic=chosen, transforms=flip))


def test_an_arm_with_one_share_reports_it_too(paths):
    train_arm(LONGER, Arm(synthetic=0.25), data(paths), 0, (paths.root / "arm"))
    assert share(paths) == {"synthetic": 0.25, "val_balanced_accuracy": {"0.25": 1.0}}
    train_arm(LONGER, Arm(), data(paths, (1,)), 0, (paths.root / "arm"))
    assert share(paths) == {"synthetic": 0.0, "val_balanced_accuracy": {"0.0": 1.0}}


def test_a_replicates_seconds_are_those_of_all_its_shares(paths, monkeypatch):
    # start and end of replicates 0 and 1 with share 0, with share 0.5, and with the chosen one
    clock = iter([0.0, 1.0, 10.0, 12.5, 20.0, 24.0, 30.0, 38.0, 40.0, 40.5, 50.0, 50.25])
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=clock.__next__))
    seconds = train_arm(SETTINGS, Arm(synthetic=(0, 0.5)), data(paths), 0, (paths.root / "arm"))
    assert seconds == {"0": 5.5, "1": 10.75}


@pytest.fixture
def trainings(monkeypatch):
    """Return a list to which each training adds its arm, its sets and its seed."""
    found: list[tuple[Arm, TrainingSets, int]] = []
    real = training.arm_batches

    def arm_batches(arm, sets, batch_size, seed):
        found.append((arm, sets, seed))
        return real(arm, sets, batch_size, seed)

    monkeypatch.setattr(training, "arm_batches", arm_batches)
    return found


def test_the_result_is_trained_with_other_seeds_than_the_trials(paths, trainings):
    train_arm(SETTINGS, Arm(synthetic=(0, 0.5)), data(paths), 0, (paths.root / "arm"))
    tried, kept = trainings[:4], trainings[4:]
    trial_seeds, seeds = ({seed for _, _, seed in some} for some in (tried, kept))
    assert len(trial_seeds) == len(seeds) == 2  # one per replicate, whatever the share
    assert not trial_seeds & seeds
    assert {arm.synthetic for arm, _, _ in kept} == {share(paths)["synthetic"]}


def test_a_replicates_data_are_read_once_for_all_shares(paths, trainings, monkeypatch):
    load, loaded = LabelledImages.load, []
    given = data(paths)
    monkeypatch.setattr(LabelledImages, "load", lambda folder: loaded.append(folder) or load(folder))
    train_arm(SETTINGS, Arm(synthetic=(0, 0.5)), given, 0, (paths.root / "arm"))
    assert len(trainings) == 6
    assert sorted(loaded) == sorted([paths.train(0), paths.train(1), paths.synthetic(0), paths.synthetic(1)])


# --- more labels -----------------------------------------------------------------------------------------------------


@pytest.fixture
def pool(paths, two_colours):
    """Save a pool of 30 red and 20 blue images, its order, and each replicate's three per class, as prepare does."""
    made = two_colours(60, seed=3).subset(np.r_[0:40, 40:60:2])
    made.save(paths.pool)
    prepare = Prepare(source={"name": "digits"}, path=".", test=0.5, val=1, labelled_per_class=3)
    for replicate in range(2):
        order = draw_order(made, 7, replicate)
        draw_training(prepare, made, order).train.save(paths.train(replicate))
        np.save(paths.order(replicate), order)
    return made


def contents(images):
    return {(image.tobytes(), label) for image, label in zip(images.images, images.labels.tolist(), strict=True)}


def test_more_labels_include_the_fewer_ones_of_the_same_replicate(paths, pool, trainings):
    def trained_on(labels):
        trainings.clear()
        train_arm(SETTINGS, Arm(labels=labels), data(paths), 0, (paths.root / "more"))
        return [sets.train for _, sets, _ in trainings]

    limited, some, most, everything = map(trained_on, ("limited", 5, 20, "all"))
    for replicate in range(2):
        assert limited[replicate].counts == {"red": 3, "blue": 3}
        assert some[replicate].counts == {"red": 5, "blue": 5}
        assert most[replicate].counts == {"red": 20, "blue": 20}
        sizes = [contents(one[replicate]) for one in (limited, some, most, everything)]
        assert all(fewer < more for fewer, more in itertools.pairwise(sizes))
        assert sizes[-1] == contents(pool)
    assert contents(some[0]) != contents(some[1])


def test_only_an_arm_with_more_labels_needs_the_pool(paths):
    assert not (paths.pool).exists()
    train(paths, "a", Arm(synthetic=0.5))
    with pytest.raises(InputError, match="pool"):
        train(paths, "b", Arm(labels="all"))


def test_a_missing_order_of_the_pool_is_an_input_error(paths, pool):
    (paths.order(0)).unlink()
    with pytest.raises(InputError, match=r"^arm arm, replicate 0: .*order.npy: cannot be read .*dvc repro prepare"):
        train(paths, "arm", Arm(labels=5))


# --- the discriminator -----------------------------------------------------------------------------------------------


@pytest.fixture
def gans(paths, prepared):
    """Save a GAN for each replicate, whose discriminator has a class head."""
    for replicate in range(2):
        torch.manual_seed(replicate)
        network = Mlp(z_dim=2, hidden=4, noise=0.5, discriminator_conditioning="auxiliary")
        shape, folder = Shape(3, 8, 8), paths.gan(replicate)
        save_generator(folder, network.generator(shape, 2), network, shape, ("red", "blue"))
        save_weights(folder / "discriminator.safetensors", network.discriminator(shape, 2))


@pytest.mark.usefixtures("gans")
def test_a_discriminator_arm_predicts_with_the_discriminator_of_each_replicate(paths, prepared):
    for file in paths.synthetic(0).parent.rglob("*.npy"):
        file.unlink()
    assert set(train_arm(SETTINGS, Arm(discriminator=True), data(paths), 0, (paths.root / "arm"))) == {"0", "1"}
    val = LabelledImages.load(paths.val)
    for replicate in "01":
        folder = paths.root / "arm" / replicate
        # the discriminator is saved where the GAN is
        assert sorted(file.name for file in folder.iterdir()) == ["history.csv", "test.npy", "val.npy"]
        discriminator, predictions = load_discriminator(paths.gan(replicate))[0], Predictions.load(folder)
        for images, (found,) in ((val, predictions.val), (prepared, predictions.test)):
            with torch.no_grad():
                critique = discriminator(to_float(torch.from_numpy(images.images.copy())), torch.zeros(len(images), 2))
            np.testing.assert_allclose(found, critique.class_logits.softmax(1), atol=1e-6)
        (row,) = read_rows(folder / "history.csv")
        assert row == pytest.approx({"step": 0} | validate(DiscriminatorClassifier(discriminator, 2), val), abs=1e-5)
    assert not np.allclose(Predictions.load(paths.root / "arm/0").test, Predictions.load(paths.root / "arm/1").test)


@pytest.mark.usefixtures("gans")
def test_a_discriminator_arm_is_not_random(paths):
    for folder, seed in (("a", 0), ("b", 1)):
        train_arm(SETTINGS, Arm(discriminator=True), data(paths, (0,)), seed, paths.root / folder)
    for file in ("history.csv", "val.npy", "test.npy"):
        assert (paths.root / "a/0" / file).read_bytes() == (paths.root / "b/0" / file).read_bytes()


def test_a_discriminator_arm_needs_the_gan(paths):
    with pytest.raises(InputError, match=r"^arm arm, replicate 0: .*not a readable GAN.*dvc repro train_gan"):
        train_arm(SETTINGS, Arm(discriminator=True), data(paths, (0,)), 0, (paths.root / "arm"))


# --- pseudo-labels ---------------------------------------------------------------------------------------------------


@pytest.fixture
def unlabelled(paths, gans, two_colours):
    """Save unlabelled images, and predictions of an ensemble that takes all of them for red."""
    images = two_colours(20, seed=4).without_labels()
    for replicate in range(2):
        images.save(paths.unlabelled(replicate))
        paths.ensemble(replicate).mkdir(parents=True)
        np.save(paths.ensemble_probabilities(replicate), np.tile(np.float32([0.9, 0.1]), (20, 1)))
    return images


def pseudo_labelled(paths: Paths, arm: Arm) -> LabelledImages:
    """Return the pseudo-labelled images that an arm is trained on in replicate 1."""
    return training.training_sets(arm, data(paths).replicates[1]).pseudo_labelled


def test_pseudo_labels_are_the_ensembles(paths, unlabelled):
    found = pseudo_labelled(paths, Arm(pseudo_labels=0.5, pseudo_label_threshold=0.8))
    np.testing.assert_array_equal(found.images, unlabelled.images)
    assert found.labels.tolist() == [0] * 20


def test_pseudo_labels_may_be_the_discriminators_of_each_replicate(paths, unlabelled):
    found = pseudo_labelled(paths, Arm(pseudo_labels=0.5, pseudo_label_threshold=0.0, teacher="discriminator"))
    teacher = load_discriminator_classifier(paths.gan(1))
    np.testing.assert_array_equal(found.images, unlabelled.images)
    np.testing.assert_array_equal(found.labels, predict(teacher, unlabelled.images).argmax(1))


def test_predictions_of_both_teachers_are_combined(paths, unlabelled):
    predicted = predict(load_discriminator_classifier(paths.gan(1)), unlabelled.images)
    red = predicted[:, 0] * 0.9 > predicted[:, 1] * 0.1  # the ensemble predicts red with 90 %
    found = pseudo_labelled(paths, Arm(pseudo_labels=0.5, pseudo_label_threshold=0.0, teacher="both"))
    assert found.labels.tolist() == (~red).tolist()


@pytest.mark.usefixtures("unlabelled")
def test_a_teacher_predicts_once_for_all_shares(paths, trainings, monkeypatch):
    asked = []
    monkeypatch.setitem(TEACHERS, "both", lambda one: asked.append(one) or one.ensemble_probabilities)
    train_arm(
        SETTINGS, Arm(pseudo_labels=0.25, synthetic=(0, 0.5), teacher="both"), data(paths), 0, (paths.root / "arm")
    )
    assert len(trainings) == 6
    assert len(asked) == 2  # one per replicate


@pytest.mark.usefixtures("unlabelled")
@pytest.mark.parametrize("teacher", ["ensemble", "discriminator", "both"])
def test_a_teacher_without_confident_predictions_is_reported_with_the_arm(paths, teacher):
    arm = Arm(pseudo_labels=0.5, pseudo_label_threshold=0.999999, teacher=teacher)
    with pytest.raises(
        InputError, match=f"^arm arm, replicate 0: pseudo_labels: teacher '{teacher}' is confident about none of the 20"
    ):
        train_arm(SETTINGS, arm, data(paths, (0,)), 0, (paths.root / "arm"))


def test_every_teacher_gives_probabilities(paths):
    assert set(TEACHERS) == set(get_args(Teacher))
