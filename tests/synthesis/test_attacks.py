"""Attacks on stand-ins, against hand-derived values."""

from math import isnan

import numpy as np
import pytest

from ganaug.synthesis import attacks
from ganaug.synthesis.attacks import Pairs
from ganaug.synthesis.attacks.linkage import Linkage
from ganaug.synthesis.attacks.reversal import Reversal, halves
from ganaug.synthesis.attacks.same_group import SameGroup


def on_a_line(stand_ins, sources, train, labels=None, groups=None) -> Pairs:
    """Return pairs of images of one pixel."""
    first, second = (np.array(values, dtype=np.float32)[:, None] for values in (stand_ins, train))
    labels = np.zeros(len(train), np.int64) if labels is None else np.array(labels)
    groups = np.arange(len(train)) if groups is None else np.array(groups)
    sources = np.array(sources)
    return Pairs(first, labels[sources], sources, second, labels, groups)


@pytest.mark.parametrize(
    ("stand_in", "source", "share"),
    [
        (0, 0, 1.0),
        (4, 1, 1 / 3),  # distances: 4, 6, 1, 16
        (100, 3, 1.0),
        (100, 0, 0.0),
    ],
)
def test_linkage_is_the_share_of_others_that_are_farther(stand_in, source, share):
    assert Linkage()(on_a_line([stand_in], [source], [0, 10, 3, 20])) == pytest.approx(share)


def test_equal_distances_count_half():
    # from 5 both 0 and 10 are at 5, 30 is farther: (1/2 + 1) / 2
    assert Linkage()(on_a_line([5], [0], [0, 10, 30])) == pytest.approx(0.75)


def test_only_images_of_the_sources_class_count():
    pairs = on_a_line([4, 4], [0, 2], [0, 5, 10, 4], labels=[0, 0, 1, 1])
    assert Linkage()(pairs) == 0  # in both classes the other image is nearer
    assert Linkage()(pairs._replace(labels=np.array([1, 0]))) == 0  # whatever class the stand-ins have


def test_copies_are_all_found_and_a_single_image_of_a_class_is_left_out():
    train = [0, 10, 20, 7]
    assert Linkage()(on_a_line(train, [0, 1, 2, 3], train, labels=[0, 0, 0, 1])) == 1
    assert isnan(Linkage()(on_a_line([1], [0], [0])))


def test_distances_are_taken_block_by_block(monkeypatch):
    rng = np.random.default_rng(0)
    pairs = on_a_line(rng.uniform(0, 255, 50), rng.integers(0, 20, 50), rng.uniform(0, 255, 20), groups=[0, 1] * 10)
    whole = Linkage()(pairs), SameGroup()(pairs)
    monkeypatch.setattr(attacks, "BLOCK_ROWS", 7)
    assert (Linkage()(pairs), SameGroup()(pairs)) == pytest.approx(whole)


def test_same_group_compares_other_images_of_the_person_with_strangers():
    # stand-in at 0 for the image at 1; the person's other images are at 3 and 9; strangers are at 5, 7 and -9
    pairs = on_a_line([0], [0], [1, 3, 9, 5, 7, -9], groups=[8, 8, 8, 1, 2, 3])
    # farther than 3: all three strangers; farther than 9: none, and one is as far: (3 + 1/2) / 6
    assert SameGroup()(pairs) == pytest.approx(3.5 / 6)


@pytest.mark.parametrize("groups", [[0, 1, 2], [0, 0, 0]])
def test_without_another_image_or_without_strangers_there_is_no_same_group(groups):
    assert isnan(SameGroup()(on_a_line([1], [0], [0, 5, 9], groups=groups)))


def test_a_persons_images_of_another_class_do_not_count():
    pairs = on_a_line([0], [0], [1, 3, 5], labels=[0, 1, 0], groups=[0, 0, 1])
    assert isnan(SameGroup()(pairs))


def negatives(count: int = 200, width: int = 12) -> Pairs:
    """Return stand-ins that show each source in negative: far from it, but easy to undo."""
    rng = np.random.default_rng(0)
    labels = np.arange(count) % 2
    train = rng.uniform(0, 255, (count, width)).astype(np.float32)
    return Pairs(255 - train, labels, np.arange(count), train, labels, np.arange(count))


def test_reversal_undoes_what_linkage_takes_for_safe():
    assert Linkage()(negatives()) < 0.2
    assert Reversal()(negatives()) > 0.99


def test_a_mask_that_only_few_components_show_needs_as_many():
    assert Reversal(components=1)(negatives()) < Reversal(components=12)(negatives())


def test_reversal_is_at_chance_for_stand_ins_of_other_sources_of_the_class():
    pairs = negatives(1000)
    order = np.random.default_rng(1).permutation(500)
    shuffled = np.stack([2 * order, 2 * order + 1], axis=1).ravel()  # within each class
    assert Reversal()(pairs._replace(stand_ins=pairs.stand_ins[shuffled])) == pytest.approx(0.5, abs=0.03)


def test_the_attacker_is_not_told_the_sources_to_look_for(monkeypatch):
    """Whole groups are in one half, so that one image of a person does not help to find another."""
    pairs = negatives(60)._replace(train_groups=np.arange(60) // 6)
    seen = []
    among = Pairs.among
    monkeypatch.setattr(Pairs, "among", lambda self, members: seen.append(members) or among(self, members))
    Reversal()(pairs)
    first, second = (set(pairs.train_groups[members]) for members in seen)
    assert first.isdisjoint(second)
    assert len(first) == len(second) == 5


def test_halves_divide_each_class():
    labels = np.repeat([0, 1, 2], [10, 4, 2])
    first = halves(labels, np.arange(16))
    assert [int(first[labels == label].sum()) for label in range(3)] == [5, 2, 1]


def test_pairs_among_some_training_images_keep_their_sources():
    pairs = on_a_line([1, 2, 3], [2, 0, 1], [10, 20, 30], groups=[7, 8, 9])
    some = pairs.among(np.array([0, 2]))
    np.testing.assert_array_equal(some.stand_ins.ravel(), [1, 2])
    np.testing.assert_array_equal(some.train[some.sources].ravel(), [30, 10])
    np.testing.assert_array_equal(some.train_groups, [7, 9])
