"""Limited training sets are exact, reproducible and nested draws from the pool."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages
from ganaug.data.training_draws import Draw, draw_order, draw_training, per_class, take_per_class

CLASSES = 3

seeds = st.integers(0, 2**32)
label_lists = st.lists(st.integers(0, CLASSES - 1), min_size=1, max_size=40).map(np.array)


def counts(labels):
    return np.bincount(labels, minlength=CLASSES)


def rng(seed):
    return np.random.default_rng(seed)


def test_one_number_applies_to_every_class():
    assert per_class(5, [9, 5], ["cat", "dog"]) == [5, 5]


def test_all_takes_every_available_image():
    assert per_class("all", [9, 5], ["cat", "dog"]) == [9, 5]


def test_numbers_by_name_are_returned_in_class_order():
    assert per_class({"dog": 2, "cat": 7}, [9, 5], ["cat", "dog"]) == [7, 2]


def test_missing_and_unknown_classes_are_reported():
    with pytest.raises(InputError) as caught:
        per_class({"cat": 1, "cow": 1}, [9, 5], ["cat", "dog"])
    assert "labelled_per_class" in str(caught.value)
    assert "missing: ['dog']" in str(caught.value)
    assert "unknown: ['cow']" in str(caught.value)


@pytest.mark.parametrize("amount", [6, {"cat": 6, "dog": 6}])
def test_class_with_too_few_images_is_reported_with_numbers_and_remedy(amount):
    with pytest.raises(InputError) as caught:
        per_class(amount, [9, 5], ["cat", "dog"])
    assert "labelled_per_class: class 'dog' has 5 images left for training after the split, but 6 are" in str(
        caught.value
    )
    assert "requested; request at most 5, write all" in str(caught.value)
    assert "add images of 'dog'" in str(caught.value)


def test_error_names_the_parameter():
    with pytest.raises(InputError, match=r"^arms.baseline.more.labels: class 'dog' has 5 images"):
        per_class(6, [9, 5], ["cat", "dog"], "arms.baseline.more.labels")
    with pytest.raises(InputError, match=r"^prepare.labelled_per_class: class 'dog' has 5 images"):
        per_class(6, [9, 5], ["cat", "dog"])


def draw(labels, wanted, randomness):
    return take_per_class(randomness.permutation(len(labels)), labels, wanted)


@given(label_lists, st.data(), seeds)
def test_draws_are_exact_sorted_and_without_duplicates(labels, more, seed):
    wanted = [more.draw(st.integers(0, have)) for have in counts(labels)]
    chosen = draw(labels, wanted, rng(seed))
    np.testing.assert_array_equal(counts(labels[chosen]), wanted)
    assert (np.diff(chosen) > 0).all()


@given(label_lists, st.data(), seeds)
def test_draws_are_nested(labels, more, seed):
    many = [more.draw(st.integers(0, have)) for have in counts(labels)]
    few = [more.draw(st.integers(0, have)) for have in many]
    assert set(draw(labels, few, rng(seed))) <= set(draw(labels, many, rng(seed)))


def test_draws_reach_every_image():
    labels = np.zeros(6, int)
    drawn = np.concatenate([draw(labels, [1], rng(seed)) for seed in range(300)])
    assert (np.bincount(drawn, minlength=6) > 20).all()  # 50 expected, standard deviation 6.5


def test_the_first_images_of_each_class_are_taken():
    labels, order = np.array([0, 1, 0, 1, 0]), np.array([4, 3, 2, 1, 0])
    assert take_per_class(order, labels, [2, 1]).tolist() == [2, 3, 4]
    assert take_per_class(order, labels, [0, 2]).tolist() == [1, 3]


@pytest.fixture
def pool():
    labels = np.repeat(np.arange(2, dtype=np.int64), [30, 20])
    return LabelledImages(np.zeros((50, 1, 2, 2), np.uint8), labels, ("cat", "dog"), {"name": "npz"})


def drawn(wanted, pool, replicate=0) -> Draw:
    return draw_training(wanted, pool, draw_order(pool, 0, replicate))


def test_pool_is_divided_into_the_training_set_and_unlabelled_images(pool):
    train, unlabelled = drawn({"cat": 4, "dog": 9}, pool)
    assert pool.subset(train).counts == {"cat": 4, "dog": 9}
    assert sorted([*train, *unlabelled]) == list(range(50))


def test_all_leaves_nothing_unlabelled(pool):
    assert [len(part) for part in drawn("all", pool)] == [50, 0]


def test_each_replicate_has_its_own_reproducible_draw(pool):
    first, second, again = (drawn(5, pool, replicate).train.tolist() for replicate in (0, 1, 0))
    assert first == again != second


def test_larger_training_sets_contain_the_smaller_ones(pool):
    sets = [{*drawn(wanted, pool).train.tolist()} for wanted in (2, 5, 20)]
    assert sets[0] < sets[1] < sets[2]


def test_a_draw_reports_a_class_with_too_few_images(pool):
    message = r"class 'dog' has 20 images left for training after the split, but 21 are requested"
    with pytest.raises(InputError, match=message):
        drawn(21, pool)
