"""Training of one arm in one replicate, and the files that it writes."""

import dataclasses
import itertools
import shutil
from functools import partial
from typing import get_args

import numpy as np
import pytest
import torch

from ganaug.classifier.image_classifier import ImageClassifier
from ganaug.classifier.oversampling.m2m import M2m
from ganaug.classifier.prediction import predict, validate
from ganaug.classifier.pseudo_labels import Teacher
from ganaug.classifier.scores import balanced_accuracy
from ganaug.classifier.store import load_classifier
from ganaug.core.errors import InputError
from ganaug.core.files import read_rows, recreate_directory
from ganaug.core.paths import Paths
from ganaug.core.seeding import derive
from ganaug.core.weights import ModelSpec
from ganaug.data.images import UNLABELLED, LabelledImages, to_float
from ganaug.data.settings import Prepare
from ganaug.data.training_draws import draw_order, draw_training
from ganaug.experiment.arms import training
from ganaug.experiment.arms.batches import TrainingSets
from ganaug.experiment.arms.data import ReplicateData
from ganaug.experiment.arms.predictions import Predictions
from ganaug.experiment.arms.settings import Arm, TrainClassifier
from ganaug.experiment.arms.training import TEACHERS, ArmTraining
from ganaug.gan.discriminator_classifier import DiscriminatorClassifier, load_discriminator_classifier
from ganaug.gan.networks import Shape
from ganaug.gan.networks.mlp import Mlp
from ganaug.gan.store import load_discriminator, save_discriminator, save_generator

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


def arm_training(
    paths: Paths, arm: Arm, replicate: int = 0, settings: TrainClassifier | None = None, seed: int = 0
) -> ArmTraining:
    data = ReplicateData(paths, replicate, partial(load_discriminator_classifier, paths.gan(replicate)))
    return ArmTraining("arm", arm, settings or SETTINGS, data, LabelledImages.load(paths.val), seed)


def train(paths: Paths, folder: str, arm: Arm, replicates: tuple[int, ...] = (0, 1), **options) -> dict[str, bytes]:
    """Train with the smallest share of synthetic images, and return the content of each output file."""
    written = {}
    for one in replicates:
        output = recreate_directory(paths.root / folder / str(one))
        test_images = LabelledImages.load(paths.test).images
        arm_training(paths, arm, one, **options).train(arm.synthetic_shares[0], test_images, output)
        written |= {f"{one}/{file.name}": file.read_bytes() for file in sorted(output.iterdir())}
    return written


def test_an_arm_leaves_weights_history_and_predictions(paths):
    assert sorted(train(paths, "arm", Arm(synthetic=0.5), (0,))) == sorted(f"0/{file}" for file in FILES)
    predictions = Predictions.load(paths.root / "arm/0")
    assert (predictions.val.shape, predictions.test.shape) == ((1, 10, 2), (1, 14, 2))
    assert [row["step"] for row in read_rows(paths.root / "arm/0/history.csv")] == [3, 6]


def test_what_it_reaches_on_the_validation_images_is_printed(paths, capsys):
    train(paths, "arm", Arm(), (1,), settings=dataclasses.replace(SETTINGS, seeds=2))
    predicted, labels = np.load(paths.root / "arm/1/val.npy"), LabelledImages.load(paths.val).labels
    reached = np.mean([balanced_accuracy(one.argmax(1), labels) for one in predicted])
    said = f"arm, replicate 1: balanced accuracy {100 * reached:.1f}% on the validation images"
    assert said in capsys.readouterr().out


def test_the_same_seed_gives_the_same_bytes(paths):
    arm = Arm(synthetic=0.5, transforms=({"name": "RandomHorizontalFlip"},))
    assert train(paths, "a", arm) == train(paths, "b", arm)
    assert train(paths, "c", arm, seed=1) != train(paths, "a", arm)


def test_replicates_are_trained_with_other_seeds(paths):
    shutil.copytree(paths.train(0), paths.train(1), dirs_exist_ok=True)
    written = train(paths, "a", Arm())
    assert written["0/test.npy"] != written["1/test.npy"]


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
    train(paths, "several", Arm(), (0,), settings=dataclasses.replace(SETTINGS, seeds=3))
    train(paths, "one", Arm(), (0,))
    val = LabelledImages.load(paths.val)
    found, alone = (Predictions.load(paths.root / folder / "0") for folder in ("several", "one"))
    assert (found.val.shape, found.test.shape) == ((3, 10, 2), (3, 14, 2))
    np.testing.assert_array_equal(found.test[0], alone.test[0])  # more seeds do not change the first
    assert len({one.tobytes() for one in found.test}) == 3
    best = int(np.argmax([balanced_accuracy(one.argmax(1), val.labels) for one in found.val]))
    model, _ = load_classifier(paths.root / "several/0")
    np.testing.assert_array_equal(predict(model, prepared.images), found.test[best])


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


def predictions_alone(paths, share, settings):
    """Return the validation predictions of an arm with one share, trained with the trials' seeds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "derive", lambda seed, name: derive(seed, name.replace("classifier", "trial")))
        train(paths, "alone", Arm(synthetic=share), (0,), settings=settings)
    return Predictions.load(paths.root / "alone/0").val


def test_a_trial_is_what_an_arm_with_that_share_alone_reaches(paths):
    with_wrong_labels(paths.train(0))
    settings = dataclasses.replace(LONGER, seeds=2)
    tried = arm_training(paths, Arm(synthetic=(0.0, 1.0)), settings=settings).try_shares()
    assert (tried.shape, tried.dtype) == ((2, 2, 10, 2), np.float32)
    np.testing.assert_array_equal(tried, [predictions_alone(paths, share, settings) for share in (0.0, 1.0)])
    labels = LabelledImages.load(paths.val).labels
    without, only = ([balanced_accuracy(each.argmax(1), labels) for each in share] for share in tried)
    assert np.mean(without) < np.mean(only)


def test_an_arm_with_one_share_tries_nothing(paths, trainings):
    assert len(arm_training(paths, Arm(synthetic=0.25)).try_shares()) == 0
    assert trainings == []


def test_the_result_is_bit_for_bit_the_arm_with_that_share_alone(paths):
    flip = ({"name": "RandomHorizontalFlip"},)
    several = train(paths, "several", Arm(synthetic=(0.75, 1.0), transforms=flip))
    assert several == train(paths, "alone", Arm(synthetic=0.75, transforms=flip))


@pytest.fixture
def trainings(monkeypatch):
    """Return a list to which each training appends its arm, training sets and seed."""
    found: list[tuple[Arm, TrainingSets, int]] = []
    real = training.arm_batches

    def arm_batches(arm, sets, batch_size, seed):
        found.append((arm, sets, seed))
        return real(arm, sets, batch_size, seed)

    monkeypatch.setattr(training, "arm_batches", arm_batches)
    return found


def test_the_result_is_trained_with_other_seeds_than_the_trials(paths, trainings):
    arm = Arm(synthetic=(0, 0.5))
    arm_training(paths, arm).try_shares()
    train(paths, "arm", arm, (0,))
    tried, kept = trainings[:2], trainings[2:]
    assert [arm.synthetic for arm, _, _ in trainings] == [0, 0.5, 0]
    assert len({seed for _, _, seed in tried}) == 1  # whatever the share
    assert {seed for _, _, seed in tried} != {seed for _, _, seed in kept}


def test_data_are_read_once_for_all_shares(paths, trainings, monkeypatch):
    load, loaded = LabelledImages.load, []
    given = arm_training(paths, Arm(synthetic=(0, 0.5)))
    monkeypatch.setattr(LabelledImages, "load", lambda folder: loaded.append(folder) or load(folder))
    given.try_shares()
    assert len(trainings) == 2
    assert sorted(loaded) == sorted([paths.train(0), paths.synthetic(0)])


# --- more labels -----------------------------------------------------------------------------------------------------


@pytest.fixture
def pool(paths, two_colours):
    """Save a pool of 30 red and 20 blue images, its order, and each replicate's three per class, like `prepare`."""
    made = two_colours(60, seed=3).subset(np.r_[0:40, 40:60:2])
    made.save(paths.pool)
    prepare = Prepare(source={"name": "digits"}, path=".", test=0.5, val=1, labelled_per_class=3)
    for replicate in range(2):
        order = draw_order(made, 7, replicate)
        made.subset(draw_training(prepare.labelled_per_class, made, order).train).save(paths.train(replicate))
        np.save(paths.order(replicate), order)
    return made


def contents(images):
    return {(image.tobytes(), label) for image, label in zip(images.images, images.labels.tolist(), strict=True)}


def test_more_labels_include_the_fewer_ones_of_the_same_replicate(paths, pool, trainings):
    def trained_on(labels):
        trainings.clear()
        train(paths, "more", Arm(labels=labels))
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


def test_all_labels_of_the_pool_are_those_of_images_that_have_one(paths, two_colours):
    more = two_colours(6, seed=3)
    more = dataclasses.replace(more, labels=np.array([0, 1, UNLABELLED] * 2))
    more.save(paths.pool)
    found = ReplicateData(paths, 0).with_more_labels("all")
    assert found.labels.tolist() == [0, 1, 0, 1]
    np.testing.assert_array_equal(found.images[:2], more.images[:2])


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
        save_generator(folder, network.generator(shape, 2), ModelSpec(network, shape, ("red", "blue")))
        save_discriminator(folder, network.discriminator(shape, 2))


@pytest.mark.usefixtures("gans")
def test_a_discriminator_arm_predicts_with_the_discriminator_of_each_replicate(paths, prepared):
    for file in paths.synthetic(0).parent.rglob("*.npy"):
        file.unlink()
    train(paths, "arm", Arm(discriminator=True))
    val = LabelledImages.load(paths.val)
    for replicate in "01":
        folder = paths.root / "arm" / replicate
        # the discriminator is saved with the GAN
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
    one, other = (train(paths, "arm", Arm(discriminator=True), seed=seed) for seed in (0, 1))
    assert one == other


def test_a_discriminator_arm_needs_the_gan(paths):
    with pytest.raises(InputError, match=r"^arm arm, replicate 0: .*not a readable GAN.*dvc repro train_gan"):
        train(paths, "arm", Arm(discriminator=True))


# --- pseudo-labels ---------------------------------------------------------------------------------------------------


@pytest.fixture
def unlabelled(paths, gans, two_colours):
    """Save unlabelled images, and an ensemble's predictions that all of them are red."""
    images = two_colours(20, seed=4).without_labels()
    for replicate in range(2):
        images.save(paths.unlabelled(replicate))
        paths.ensemble_probabilities(replicate).parent.mkdir(parents=True)
        np.save(paths.ensemble_probabilities(replicate), np.tile(np.float32([0.9, 0.1]), (20, 1)))
    return images


def pseudo_labelled(paths: Paths, arm: Arm) -> LabelledImages:
    """Return the pseudo-labelled images that an arm is trained on in replicate 1."""
    return training.training_sets(arm, arm_training(paths, arm, 1).data).pseudo_labelled


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
    red = predicted[:, 0] * 0.9 > predicted[:, 1] * 0.1  # the ensemble predicts red with 90%
    found = pseudo_labelled(paths, Arm(pseudo_labels=0.5, pseudo_label_threshold=0.0, teacher="both"))
    assert found.labels.tolist() == (~red).tolist()


# --- another domain --------------------------------------------------------------------------------------------------


def of_another_domain(paths: Paths, images: LabelledImages, probabilities: list[list[float]]) -> LabelledImages:
    """Save images of another domain and the ensemble's predictions; return the images that an arm is trained on."""
    images.save(paths.other_domain)
    paths.ensemble_probabilities_other_domain(0).parent.mkdir(parents=True, exist_ok=True)
    np.save(paths.ensemble_probabilities_other_domain(0), np.array(probabilities, dtype=np.float32))
    return training.training_sets(Arm(other_domain=0.5), arm_training(paths, Arm()).data).other_domain


def test_images_of_another_domain_keep_their_labels(paths, two_colours):
    images = two_colours(4, seed=6)
    found = of_another_domain(paths, images, [[0.5, 0.5]] * 4)
    np.testing.assert_array_equal(found.labels, images.labels)
    train(paths, "arm", Arm(other_domain=0.5), (0,))


def test_those_without_a_label_get_the_ensembles_if_it_is_confident(paths, two_colours):
    images = dataclasses.replace(two_colours(4, seed=6), labels=np.array([1, -1, -1, -1]))
    found = of_another_domain(paths, images, [[0.9, 0.1], [0.9, 0.1], [0.45, 0.55], [0.3, 0.7]])
    assert found.labels.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(found.images, images.images[[0, 1, 3]])


def test_an_ensemble_that_is_never_confident_is_reported(paths, two_colours):
    images = two_colours(2, seed=6).without_labels()
    with pytest.raises(InputError, match="other_domain: teacher 'ensemble' is confident about none of the 2"):
        of_another_domain(paths, images, [[0.5, 0.5]] * 2)


@pytest.mark.usefixtures("unlabelled")
def test_a_teacher_predicts_once_for_all_shares(paths, trainings, monkeypatch):
    asked = []
    monkeypatch.setitem(TEACHERS, "both", lambda one: asked.append(one) or one.ensemble_probabilities)
    arm_training(paths, Arm(pseudo_labels=0.25, synthetic=(0, 0.5), teacher="both")).try_shares()
    assert (len(trainings), len(asked)) == (2, 1)


@pytest.mark.usefixtures("unlabelled")
@pytest.mark.parametrize("teacher", ["ensemble", "discriminator", "both"])
def test_a_teacher_without_confident_predictions_is_reported_with_the_arm(paths, teacher):
    arm = Arm(pseudo_labels=0.5, pseudo_label_threshold=0.999999, teacher=teacher)
    with pytest.raises(
        InputError, match=f"^arm arm, replicate 0: pseudo_labels: teacher '{teacher}' is confident about none of the 20"
    ):
        train(paths, "arm", arm)


def test_every_teacher_gives_probabilities(paths):
    assert set(TEACHERS) == set(get_args(Teacher))


def test_oversampling_adds_images_before_training(paths, monkeypatch, capsys):
    """The oversampler's classifier is trained on real images only, with all classes equally often."""
    asked, used = [], []

    def oversample(_self, train, fit, seed):
        asked.append((len(train), seed, fit(3)))
        return train.subset([0, 0, 2])

    monkeypatch.setattr(M2m, "__call__", oversample)
    original = training.arm_batches

    def batches(arm, sets, *arguments):
        used.append((len(sets.train), arm.balanced, max(arm.synthetic_shares)))
        return original(arm, sets, *arguments)

    monkeypatch.setattr(training, "arm_batches", batches)
    train(paths, "arm", Arm(oversampling={"name": "m2m"}, synthetic=0.5), (0,))
    assert used == [(12, True, 0.0), (15, False, 0.5)]
    assert asked[0][0] == 12
    assert isinstance(asked[0][2], ImageClassifier)
    assert "arm, replicate 0: oversampling adds 3 images" in capsys.readouterr().out
    train(paths, "again", Arm(oversampling={"name": "m2m"}), (0,))
    assert asked[1][1] == asked[0][1]  # the same seed


def test_added_images_are_groups_of_their_own(two_colours):
    grouped = dataclasses.replace(two_colours(4), groups=np.array([7, 7, 3, 3]))
    whole = grouped.with_images(two_colours(2, seed=1))
    assert whole.groups.tolist() == [7, 7, 3, 3, 8, 9]
    np.testing.assert_array_equal(whole.images[4:], two_colours(2, seed=1).images)
    assert two_colours(4).with_images(two_colours(2)).groups is None
