"""The cross-fitted ensemble: folds, members, files, and pseudo-labels from it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganaug.classifier.ensemble import NO_FOLD, Ensemble
from ganaug.classifier.ensemble_settings import TrainEnsemble
from ganaug.classifier.ensemble_training import assign_folds, train_ensemble
from ganaug.classifier.prediction import CHUNK, predict
from ganaug.classifier.pseudo_labels import pseudo_labelled
from ganaug.classifier.training import Fitted, fit
from ganaug.core.errors import InputError
from ganaug.core.seeding import derive, numpy_generator
from ganaug.data.batches import MixedBatches, Part, index_batches
from ganaug.data.images import LabelledImages
from ganaug.data.transforms import AugmentedBatches

CHANNELS = 4
SETTINGS = TrainEnsemble(
    classifier={"name": "small_cnn", "channels": CHANNELS}, steps=80, batch_size=16, learning_rate=1e-2
)
"""Short trainings, long enough for two colours."""


@pytest.fixture(scope="module")
def sets(two_colours):
    """Return training, validation and other images."""
    return two_colours(16), two_colours(10, seed=1), two_colours(30, seed=2)


@pytest.fixture(scope="module")
def ensemble(sets):
    return train_ensemble(SETTINGS, *sets[:2], seed=0)


@pytest.fixture(scope="module")
def green():
    """Return green images, labelled red and blue in turn."""
    images = np.random.default_rng(4).integers(0, 30, (16, 3, 8, 8), dtype=np.uint8)
    images[:, 1] += 200
    return LabelledImages(images, np.arange(16) % 2, ("red", "blue"))


@pytest.fixture(scope="module")
def ambiguous(sets, green):
    """Return unlabelled images, green ones first, and their probabilities by an ensemble trained on green of both."""
    train, val, others = sets
    torn = train_ensemble(SETTINGS, joined(train, green), val, seed=0)
    unlabelled = joined(green, others).without_labels()
    return unlabelled, torn.probabilities(unlabelled.images).mean(0)


def joined(first: LabelledImages, second: LabelledImages) -> LabelledImages:
    images, labels = (np.concatenate([getattr(one, name) for one in (first, second)]) for name in ("images", "labels"))
    return LabelledImages(images, labels, first.classes)


def places(part: LabelledImages, whole: LabelledImages) -> list[int]:
    """Return the index in `whole` of each image of `part`."""
    return [np.flatnonzero((whole.images == one).all((1, 2, 3))).item() for one in part.images]


def blank(labels, groups=None) -> LabelledImages:
    images = np.zeros((len(labels), 1, 8, 8), np.uint8)
    return LabelledImages(images, labels, tuple(map(str, range(max(labels) + 1))), groups=groups)


def fold_sizes(counts: list[int], folds: int, seed: int = 0) -> list[list[int]]:
    """Return, for classes with `counts` images, how many images of each class are in each fold, and last in no fold."""
    labels = np.random.default_rng(1).permutation(np.repeat(np.arange(len(counts)), counts))
    found = assign_folds(blank(labels), folds, np.random.default_rng(seed))
    assert (found.dtype, found.shape) == (np.int64, labels.shape)
    return [
        [int((found[labels == label] == fold).sum()) for fold in (*range(folds), NO_FOLD)]
        for label in range(len(counts))
    ]


def test_folds_of_classes_that_can_be_divided_are_equal():
    assert fold_sizes([6, 3, 9], 3) == [[2, 2, 2, 0], [1, 1, 1, 0], [3, 3, 3, 0]]


def test_each_class_continues_where_the_last_one_ended():
    # 4 images over 3 folds: 0 1 2 0; then 5: 1 2 0 1 2; then 2: 0 1; the last class's only image is in no fold
    assert fold_sizes([4, 5, 2, 1], 3) == [[2, 1, 1, 0], [1, 2, 2, 0], [1, 1, 0, 0], [0, 0, 0, 1]]


def test_images_in_no_fold_do_not_use_up_a_turn():
    assert fold_sizes([1, 2, 1, 2], 2) == [[0, 0, 1], [1, 1, 0], [0, 0, 1], [1, 1, 0]]


@pytest.mark.parametrize("folds", [2, 3, 5, 10])
@pytest.mark.parametrize("counts", [[1], [2, 2], [1, 2, 3, 4, 5, 6, 7], [100, 1, 3], [0, 4, 0, 2], [1, 3, 1, 3]])
def test_every_fold_leaves_some_of_every_class_and_sizes_differ_by_at_most_one(counts, folds):
    found = np.array(fold_sizes(counts, folds))
    for count, row in zip(counts, found, strict=True):
        assert row.sum() == count
        assert (row[:-1] < max(count, 1)).all()
        assert row[:-1].max() - row[:-1].min() <= 1
    assert found[:, :-1].sum(0).max() - found[:, :-1].sum(0).min() <= 1


def test_the_generator_alone_decides_the_folds():
    labels = np.arange(40) % 4
    first, again, other = (assign_folds(blank(labels), 3, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@given(st.integers(0, 1000), st.integers(2, 5))
def test_groups_stay_together_and_every_member_is_trained_on_every_class(seed, folds):
    draw = np.random.default_rng(seed)
    labels, groups = draw.integers(0, 4, 30), draw.integers(0, draw.integers(1, 30), 30)
    found = assign_folds(blank(labels, groups), folds, draw)
    assert all(len(np.unique(found[groups == group])) == 1 for group in groups)
    for fold in range(folds):
        assert set(labels[found != fold]) == set(labels)


def test_groups_are_assigned_as_images_are():
    # six patients with three images each: two patients per fold
    found = assign_folds(blank(np.zeros(18, int), np.tile(np.arange(6), 3)), 3, np.random.default_rng(0))
    assert np.bincount(found).tolist() == [6, 6, 6]


def test_groups_with_several_classes_are_assigned_too():
    # two patients show both classes, whichever comes first
    found = assign_folds(blank(np.array([0, 1, 1, 0]), np.array([5, 5, 3, 3])), 2, np.random.default_rng(0))
    assert sorted(found[[0, 2]]) == [0, 1]


@pytest.mark.parametrize("seed", range(10))
def test_groups_are_assigned_by_their_rarest_class(seed):
    # all three groups have class 0; the two that have class 1 as well come one after the other, into both folds
    found = assign_folds(blank(np.array([0, 1, 0, 0, 1]), np.array([0, 0, 1, 2, 2])), 2, np.random.default_rng(seed))
    assert sorted(found[[1, 4]]) == [0, 1]


def test_a_class_whose_groups_meet_in_one_fold_is_seen_by_every_member():
    # the groups 0 and 3 have all of class 2, and come third and first of the rarer classes 0 and 1: both into fold 0
    # or, by chance, into others
    labels, groups = np.array([0, 0, 2, 1, 1, 2]), np.array([1, 0, 0, 2, 3, 3])
    both = [assign_folds(blank(labels, groups), 2, np.random.default_rng(seed))[[2, 5]].tolist() for seed in range(20)]
    assert {tuple(sorted(one)) for one in both} == {(0, 1), (NO_FOLD, NO_FOLD)}


def test_a_class_with_one_group_is_seen_by_every_member():
    labels, groups = np.array([0, 0, 1, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    found = assign_folds(blank(labels, groups), 2, np.random.default_rng(0))
    assert found[:2].tolist() == [NO_FOLD, NO_FOLD]
    assert sorted(found[2:]) == [0, 0, 1, 1]


def trained_alone(train: LabelledImages, val: LabelledImages, seed: int, *, balanced: bool = False) -> Fitted:
    """Train one classifier as a member is trained."""
    order = index_batches(train, SETTINGS.batch_size, derive(seed, "real"), balanced=balanced)
    part = Part(train.images, train.labels, order, SETTINGS.batch_size, ascending=True)
    return fit(SETTINGS, AugmentedBatches(MixedBatches(part), 2, 0), val, seed)


def test_a_member_is_what_training_on_all_other_folds_gives(sets, ensemble):
    train, val, others = sets
    np.testing.assert_array_equal(ensemble.folds, assign_folds(train, 3, numpy_generator(0, "folds")))
    rest = train.subset(np.flatnonzero(ensemble.folds != 1))
    fitted = trained_alone(rest, val, derive(0, "member/1"))
    np.testing.assert_array_equal(predict(fitted.model, others.images), ensemble.probabilities(others.images)[1])
    assert ensemble.trainings[1]["step"] == fitted.step


def test_a_member_does_not_depend_on_the_images_of_its_fold(sets, ensemble):
    train, val, others = sets
    images = np.array(train.images)
    images[ensemble.folds == 0] = 255 - images[ensemble.folds == 0]
    changed = train_ensemble(SETTINGS, replace(train, images=images), val, seed=0)
    before, after = (one.probabilities(others.images) for one in (ensemble, changed))
    np.testing.assert_array_equal(after[0], before[0])
    assert (after[1] != before[1]).any()
    assert (after[2] != before[2]).any()


def test_unseen_images_of_each_member():
    ensemble = Ensemble((), np.array([0, 1, NO_FOLD, 0]), SETTINGS.classifier, (1, 8, 8), ("a", "b"))
    np.testing.assert_array_equal(ensemble.unseen(0), [True, False, True, True])
    np.testing.assert_array_equal(ensemble.unseen(1), [False, True, True, False])
    np.testing.assert_array_equal(ensemble.unseen(2), [False, False, True, False])


def test_a_class_with_one_image_is_learned_by_every_member(two_colours):
    train = two_colours(9).subset([0, 1, 2, 4, 6, 8])  # five red, one blue
    ensemble = train_ensemble(SETTINGS, train, two_colours(10, seed=1), seed=0)
    assert ensemble.folds[1] == NO_FOLD
    blue = two_colours(30, seed=2).subset(np.arange(1, 30, 2))
    assert (ensemble.probabilities(blue.images).argmax(2) == 1).all()


def test_probabilities_and_features_are_those_of_each_member(ensemble, sets):
    images = sets[2].images
    probabilities, features = ensemble.probabilities(images), ensemble.features(images)
    assert (probabilities.shape, probabilities.dtype) == ((3, 30, 2), np.float32)
    assert [(one.shape, one.dtype) for one in features] == [((30, 2 * CHANNELS), np.float64)] * 3
    np.testing.assert_array_equal(ensemble.extractor(images), np.concatenate(features, axis=1))
    for member, found, expected in zip(ensemble.members, features, probabilities, strict=True):
        with torch.no_grad():
            np.testing.assert_allclose(member.head(torch.from_numpy(found).float()).softmax(1), expected, atol=1e-6)


def test_without_images_there_are_no_predictions(ensemble, sets):
    none = sets[0].images[:0]
    assert ensemble.probabilities(none).shape == (3, 0, 2)
    assert [one.shape for one in ensemble.features(none)] == [(0, 2 * CHANNELS)] * 3


def test_features_do_not_depend_on_the_number_of_images(ensemble, sets):
    images = np.resize(sets[2].images, (CHUNK + 3, 3, 8, 8))
    found = ensemble.extractor(images)
    assert len(found) == len(images)
    np.testing.assert_allclose(found[-3:], ensemble.extractor(images[-3:]), atol=1e-6)


def test_features_separate_the_classes(ensemble, sets):
    found, labels = ensemble.extractor(sets[2].images), sets[2].labels
    apart = np.linalg.norm(found[:, None] - found, axis=2)
    same = labels[:, None] == labels
    assert apart[~same].min() > 3 * apart[same].max()


def test_the_seed_alone_decides_the_weights(ensemble, sets):
    torch.manual_seed(12345)  # earlier draws must not matter
    assert train_ensemble(SETTINGS, *sets[:2], seed=0).extractor.digest == ensemble.extractor.digest
    assert train_ensemble(SETTINGS, *sets[:2], seed=1).extractor.digest != ensemble.extractor.digest


def test_the_global_generator_is_left_as_it_was(sets):
    torch.manual_seed(7)
    before = torch.get_rng_state()
    train_ensemble(SETTINGS, *sets[:2], seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_progress_counts_the_steps_of_all_members(sets):
    reported = []
    train_ensemble(replace(SETTINGS, members=2, steps=3), *sets[:2], 0, reported.append)
    assert reported == [1, 2, 3, 4, 5, 6]


def test_transforms_reach_the_training(sets, ensemble):
    moved = replace(SETTINGS, transforms=({"name": "RandomHorizontalFlip"},))
    assert train_ensemble(moved, *sets[:2], seed=0).extractor.digest != ensemble.extractor.digest


def test_an_ensemble_loads_as_it_was_saved(ensemble, sets, tmp_path):
    ensemble.save(tmp_path / "ensemble")
    assert sorted(file.name for file in (tmp_path / "ensemble").iterdir()) == [
        "ensemble.json",
        "folds.npy",
        *(f"member_{member}.safetensors" for member in range(3)),
    ]
    loaded = Ensemble.load(tmp_path / "ensemble")
    images = sets[2].images
    np.testing.assert_array_equal(loaded.probabilities(images), ensemble.probabilities(images))
    np.testing.assert_array_equal(loaded.folds, ensemble.folds)
    assert loaded.extractor.digest == ensemble.extractor.digest
    assert (loaded.classifier, loaded.shape, loaded.classes) == (SETTINGS.classifier, (3, 8, 8), ("red", "blue"))
    assert loaded.trainings == ensemble.trainings


@pytest.mark.parametrize("spoilt", ["ensemble.json", "folds.npy", "member_1.safetensors"])
def test_an_unreadable_ensemble_is_an_input_error_with_the_remedy(ensemble, tmp_path, spoilt):
    ensemble.save(tmp_path)
    for content in (b"", None):
        if content is None:
            (tmp_path / spoilt).unlink()
        else:
            (tmp_path / spoilt).write_bytes(content)
        with pytest.raises(InputError, match=f"{tmp_path}: not a readable ensemble .*dvc repro train_ensemble"):
            Ensemble.load(tmp_path)


def test_pseudo_labels_of_clear_images_are_right(ensemble, sets):
    others = sets[2]
    found = pseudo_labelled(others.without_labels(), ensemble.probabilities(others.images).mean(0), 0.9, "ensemble")
    assert len(found) == 30
    assert found.labels.dtype == np.int64
    np.testing.assert_array_equal(found.labels, others.labels)


def test_ambiguous_images_get_no_pseudo_label(ambiguous, sets):
    unlabelled, probabilities = ambiguous
    found = pseudo_labelled(unlabelled, probabilities, 0.9, "ensemble")
    kept = places(found, unlabelled)
    assert set(range(16, 46)) <= set(kept)  # every clear image
    assert len(kept) < 38  # and few green images
    assert kept == sorted(kept)
    np.testing.assert_array_equal(found.labels[-30:], sets[2].labels)


def test_a_higher_threshold_keeps_fewer_of_the_same_images(ambiguous):
    unlabelled, probabilities = ambiguous
    found = [pseudo_labelled(unlabelled, probabilities, some, "ensemble") for some in (0.0, 0.6, 0.9)]
    kept = [places(some, unlabelled) for some in found]
    assert kept[0] == list(range(46))
    assert all(set(later) <= set(sooner) for sooner, later in pairwise(kept))
    assert len(kept[2]) < 46


def test_members_see_classes_of_unequal_size_equally_often(sets):
    train, val, _ = sets
    few = train.subset(np.concatenate([np.flatnonzero(train.labels == 0), np.flatnonzero(train.labels == 1)[:3]]))
    ensemble = train_ensemble(SETTINGS, few, val, seed=0)
    rest = few.subset(np.flatnonzero(ensemble.folds != 0))
    found = ensemble.members[0].state_dict()
    for balanced in (True, False):
        expected = trained_alone(rest, val, derive(0, "member/0"), balanced=balanced).model.state_dict()
        assert all(torch.equal(found[name], value) for name, value in expected.items()) == balanced
