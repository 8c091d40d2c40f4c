"""Splits: properties that hold for any labels and groups."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ganaug.data.images import UNLABELLED
from ganaug.data.splits import (
    LEFT_OUT,
    OTHER_DOMAIN,
    POOL,
    TEST,
    VAL,
    content_groups,
    join_groups,
    split,
    take_groups,
)

CLASSES = 3

sizes = st.integers(1, 40)
seeds = st.integers(0, 2**32)
amounts = st.integers(1, 8) | st.floats(0.05, 0.6)


def integers(size, highest):
    return st.lists(st.integers(0, highest), min_size=size, max_size=size).map(np.array)


def rng(seed=0):
    return np.random.default_rng(seed)


def assert_whole(groups, assigned, *parts):
    """No group that is in one of `parts` is anywhere else."""
    for group in set(groups[np.isin(assigned, parts)]):
        assert len(set(assigned[groups == group])) == 1


def counts(labels, classes=CLASSES):
    return np.bincount(labels, minlength=classes)


@st.composite
def labelled_groups(draw):
    """Labels, with groups of any size that may contain several classes."""
    size = draw(sizes)
    return draw(integers(size, CLASSES - 1)), draw(integers(size, size))


def same_group(grouping):
    """Return an (N, N) mask of the pairs that share a group."""
    return grouping[:, None] == grouping[None, :]


# groups


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_images_share_a_group_exactly_if_their_content_is_equal(contents):
    images = np.array(contents, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 3, 3), np.uint8)
    np.testing.assert_array_equal(same_group(content_groups(images)), same_group(np.array(contents)))


def test_one_pixel_makes_a_difference():
    images = np.zeros((2, 1, 8, 8), np.uint8)
    images[1, 0, 7, 7] = 1
    assert len(set(content_groups(images))) == 2


def test_groups_are_joined_transitively():
    # 0-1 by the first grouping, 1-2 by the second, 2-3 by the first: all four are joined, 4 stays alone
    joined = join_groups(np.array([0, 0, 1, 1, 2]), np.array(["a", "b", "b", "c", "d"]))
    np.testing.assert_array_equal(same_group(joined), same_group(np.array([0, 0, 0, 0, 1])))


@given(sizes.flatmap(lambda size: st.lists(integers(size, size), min_size=1, max_size=3)))
def test_joined_groups_are_the_finest_that_divide_no_group(groupings):
    reach = np.any([same_group(grouping) for grouping in groupings], axis=0)
    for _ in range(len(reach)):  # the transitive closure
        reach = reach @ reach
    joined = join_groups(*groupings)
    np.testing.assert_array_equal(same_group(joined), reach)
    first = np.unique(joined, return_index=True)[1]
    assert (np.diff(first) > 0).all()


# taking groups


@given(labelled_groups(), integers(CLASSES, 8), seeds)
def test_only_whole_groups_are_taken_and_no_remaining_group_would_come_closer(data, wanted, seed):
    labels, groups = data
    chosen = take_groups(labels, groups, wanted, rng(seed))
    assert not np.isin(groups[~chosen], groups[chosen]).any()
    missing = wanted - counts(labels[chosen])
    assert np.abs(missing).sum() <= np.abs(wanted).sum()
    for group in set(groups[~chosen]):
        assert np.abs(missing - counts(labels[groups == group])).sum() >= np.abs(missing).sum()


@given(labelled_groups(), integers(CLASSES, 8), seeds)
def test_counts_are_exact_for_single_image_groups(data, wanted, seed):
    labels, _ = data
    chosen = take_groups(labels, np.arange(len(labels)), wanted, rng(seed))
    np.testing.assert_array_equal(counts(labels[chosen]), np.minimum(wanted, counts(labels)))


def test_large_groups_are_taken_as_often_as_small_ones():
    labels, groups = np.zeros(20, int), np.repeat(np.arange(8), [6, 2, 2, 2, 2, 2, 2, 2])
    taken = [set(groups[take_groups(labels, groups, np.array([8]), rng(seed))]) for seed in range(400)]
    frequency = [np.mean([group in one for one in taken]) for group in range(8)]
    # expected 0.37 and 0.43, standard errors 0.024 and 0.009; if groups could not exceed `wanted`, 0.25 and 0.43
    assert abs(frequency[0] - np.mean(frequency[1:])) < 0.12


@given(labelled_groups(), integers(CLASSES, 8), seeds)
def test_with_single_class_groups_at_most_half_of_any_remaining_group_is_missing(data, wanted, seed):
    labels, groups = data
    groups = groups * CLASSES + labels  # no group contains two classes
    chosen = take_groups(labels, groups, wanted, rng(seed))
    missing = wanted - counts(labels[chosen])
    for group in set(groups[~chosen]):
        assert 2 * missing[group % CLASSES] <= (groups == group).sum()


def test_taking_groups_is_random_but_reproducible():
    labels, groups, wanted = np.zeros(50, int), np.arange(50), np.array([10])
    first = take_groups(labels, groups, wanted, rng(0))
    np.testing.assert_array_equal(first, take_groups(labels, groups, wanted, rng(0)))
    assert (first != take_groups(labels, groups, wanted, rng(1))).any()


# splitting


@given(labelled_groups(), amounts, amounts, seeds)
def test_no_group_is_divided_and_no_image_is_left_out(data, val, test, seed):
    labels, groups = data
    assigned = split(labels, groups, val=val, test=test, classes=CLASSES, rng=rng(seed))
    for group in set(groups):
        assert len(set(assigned[groups == group])) == 1
    assert set(assigned) <= {POOL, VAL, TEST}


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30), amounts, amounts, seeds)
def test_duplicates_are_in_the_same_split(contents, val, test, seed):
    images = np.array(contents, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 8, 8), np.uint8)
    labels = np.array(contents) % CLASSES
    assigned = split(labels, content_groups(images), val=val, test=test, classes=CLASSES, rng=rng(seed))
    for content in set(contents):
        assert len(set(assigned[np.array(contents) == content])) == 1


def test_shares_apply_to_each_class_of_the_whole_data_set():
    labels = np.repeat([0, 1, 2], [40, 20, 10])
    assigned = split(labels, np.arange(70), val=0.2, test=0.3, classes=3, rng=rng())
    np.testing.assert_array_equal(counts(labels[assigned == TEST]), [12, 6, 3])
    np.testing.assert_array_equal(counts(labels[assigned == VAL]), [8, 4, 2])
    np.testing.assert_array_equal(counts(labels[assigned == POOL]), [20, 10, 5])


def test_numbers_apply_to_each_class():
    labels = np.repeat([0, 1, 2], [40, 20, 10])
    assigned = split(labels, np.arange(70), val=2, test=5, classes=3, rng=rng())
    np.testing.assert_array_equal(counts(labels[assigned == TEST]), [5, 5, 5])
    np.testing.assert_array_equal(counts(labels[assigned == VAL]), [2, 2, 2])


@given(labelled_groups(), st.integers(1, 5), st.integers(1, 5), seeds)
def test_split_is_exact_for_single_image_groups(data, val, test, seed):
    labels, _ = data
    assigned = split(labels, np.arange(len(labels)), val=val, test=test, classes=CLASSES, rng=rng(seed))
    available = counts(labels)
    np.testing.assert_array_equal(counts(labels[assigned == TEST]), np.minimum(test, available))
    np.testing.assert_array_equal(counts(labels[assigned == VAL]), np.clip(available - test, 0, val))


@given(labelled_groups(), amounts, amounts, amounts, seeds)
def test_the_test_set_does_not_depend_on_val(data, val, other, test, seed):
    labels, groups = data
    one, two = (split(labels, groups, val=v, test=test, classes=CLASSES, rng=rng(seed)) for v in (val, other))
    np.testing.assert_array_equal(one == TEST, two == TEST)


@given(labelled_groups(), st.data(), amounts, seeds)
def test_predefined_test_set_is_kept_and_the_rest_of_its_groups_left_out(data, more, val, seed):
    labels, groups = data
    given_test = more.draw(integers(len(labels), 1)).astype(bool)
    assigned = split(labels, groups, val=val, test=given_test, classes=CLASSES, rng=rng(seed))
    np.testing.assert_array_equal(assigned == TEST, given_test)
    np.testing.assert_array_equal(assigned == LEFT_OUT, ~given_test & np.isin(groups, groups[given_test]))
    assert_whole(groups, assigned, POOL, VAL)


@given(labelled_groups(), st.data(), amounts, amounts, seeds)
def test_images_of_another_domain_are_never_held_out_nor_in_a_group_that_is(data, more, val, test, seed):
    labels, groups = data
    other = more.draw(integers(len(labels), 1)).astype(bool)
    options = {"val": val, "test": test, "classes": CLASSES, "rng": rng(seed)}
    assigned = split(labels, groups, **options, other_domain=other)
    held_out = np.isin(groups, groups[(assigned == VAL) | (assigned == TEST)])
    np.testing.assert_array_equal(assigned[other], np.where(held_out[other], LEFT_OUT, OTHER_DOMAIN))
    assert set(assigned[~other]) <= {POOL, VAL, TEST}
    alone = split(labels[~other], groups[~other], **options | {"rng": rng(seed)})
    np.testing.assert_array_equal(assigned[~other], alone)


def test_val_is_a_share_of_the_images_outside_a_predefined_test_set():
    labels = np.repeat([0, 1], [60, 40])
    given_test = np.tile([True, False], 50)  # leaves 30 and 20 images
    assigned = split(labels, np.arange(100), val=0.1, test=given_test, classes=2, rng=rng())
    np.testing.assert_array_equal(counts(labels[assigned == VAL], 2), [3, 2])


@given(labelled_groups(), st.data(), seeds)
def test_predefined_validation_and_test_sets_are_kept_and_never_share_a_group(data, more, seed):
    labels, groups = data
    sides = more.draw(integers(len(labels), 2))
    given_val, given_test = sides == 1, sides == 2
    assigned = split(labels, groups, val=given_val, test=given_test, classes=CLASSES, rng=rng(seed))
    np.testing.assert_array_equal(assigned == TEST, given_test)
    np.testing.assert_array_equal(assigned == VAL, given_val & ~np.isin(groups, groups[given_test]))
    np.testing.assert_array_equal(assigned == POOL, ~np.isin(groups, groups[given_val | given_test]))


@given(labelled_groups(), st.data(), amounts, seeds)
def test_a_test_set_is_drawn_outside_a_predefined_validation_set(data, more, test, seed):
    labels, groups = data
    given_val = more.draw(integers(len(labels), 1)).astype(bool)
    assigned = split(labels, groups, val=given_val, test=test, classes=CLASSES, rng=rng(seed))
    np.testing.assert_array_equal(assigned == VAL, given_val)
    assert_whole(groups, assigned, POOL, TEST)


@given(labelled_groups(), st.data(), amounts, amounts, seeds)
def test_unlabelled_images_are_in_the_pool_unless_their_group_is_held_out(data, more, val, test, seed):
    labels, groups = data
    unlabelled = more.draw(integers(len(labels), 1)).astype(bool)
    labels = np.where(unlabelled, UNLABELLED, labels)
    assigned = split(labels, groups, val=val, test=test, classes=CLASSES, rng=rng(seed))
    held_out = np.isin(groups, groups[np.isin(assigned, (VAL, TEST))])
    np.testing.assert_array_equal(assigned[unlabelled], np.where(held_out, LEFT_OUT, POOL)[unlabelled])
    assert not (assigned[~unlabelled] == LEFT_OUT).any()
