"""Which image is in which batch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganaug.data.batches import Batches, ClassBatches, ImageBatches, MixedBatches
from ganaug.data.images import UNLABELLED


@pytest.mark.parametrize(("size", "batch_size"), [(12, 4), (10, 4), (7, 7), (5, 13), (1, 3), (100, 64)])
def test_each_pass_shows_every_image_once(size, batch_size):
    batches = Batches(size, batch_size, seed=0)
    dealt = np.concatenate([batches[step] for step in range(3 * size)])  # 3 × batch_size whole passes
    for one in dealt.reshape(-1, size):
        assert sorted(one) == list(range(size))


@pytest.mark.parametrize("batch_size", [4, 25])
def test_a_batch_is_a_function_of_its_step_alone(batch_size):
    in_turn = Batches(10, batch_size, seed=0)
    expected = [in_turn[step].tolist() for step in range(12)]
    any_order = Batches(10, batch_size, seed=0)
    for step in (11, 0, 7, 7, 3, 10, 1):
        assert any_order[step].tolist() == expected[step]
        assert Batches(10, batch_size, seed=0)[step].tolist() == expected[step]


def test_a_batch_longer_than_the_set_holds_whole_passes():
    batch = Batches(4, 10, seed=0)[0]  # two passes and half of a third
    counts = np.bincount(batch, minlength=4)
    assert batch.shape == (10,)
    assert sorted(counts) == [2, 2, 3, 3]


def test_seeds_and_passes_have_different_orders():
    first, other = Batches(50, 50, seed=0), Batches(50, 50, seed=1)
    orders = {tuple(batches[step]) for batches in (first, other) for step in range(3)}
    assert len(orders) == 6


def test_image_batches_keep_image_and_label_together_in_the_unit_range(two_colours):
    images = two_colours(10)
    batches = ImageBatches(images, 6, seed=3)
    for step in range(4):
        pictures, labels = batches[step]
        chosen = Batches(10, 6, seed=3)[step]
        assert (pictures.dtype, pictures.shape) == (torch.float32, (6, 3, 8, 8))
        # 0 … 255 → −1 … 1: one grey level is 2 / 255
        expected = torch.from_numpy(images.images[chosen].astype(np.float32) * 2 / 255 - 1)
        assert torch.allclose(pictures, expected, atol=1e-6)
        assert labels.tolist() == images.labels[chosen].tolist()


@pytest.fixture
def sources(two_colours):
    """Return five labelled images, three a batch, and eight without labels, two a batch."""
    return ImageBatches(two_colours(5), 3, seed=1), ImageBatches(two_colours(8, seed=9).without_labels(), 2, seed=2)


def test_mixed_batches_are_those_of_each_source_one_after_the_other(sources):
    mixed = MixedBatches(*sources)
    for step in (0, 7, 3, 3):  # in any order
        pictures, labels = mixed[step]
        assert (pictures.shape, labels.shape) == ((5, 3, 8, 8), (5,))
        for part, source in ((slice(3), sources[0]), (slice(3, 5), sources[1])):
            expected, expected_labels = source[step]
            assert torch.equal(pictures[part], expected)
            assert torch.equal(labels[part], expected_labels)
        assert (labels[:3] >= 0).all()
        assert (labels[3:] == UNLABELLED).all()


def test_each_source_of_mixed_batches_goes_through_its_images_at_its_own_pace(sources):
    shown = [MixedBatches(*sources)[step][0].flatten(1) for step in range(20)]
    labelled, unlabelled = (torch.cat([batch[part] for batch in shown]) for part in (slice(3), slice(3, 5)))
    for images, size in ((labelled, 5), (unlabelled, 8)):
        _, counts = images.unique(dim=0, return_counts=True)
        assert counts.tolist() == [len(images) // size] * size  # 60 / 5 and 40 / 8 whole passes


def test_mixed_batches_of_one_source_are_its_own(sources):
    for step in range(3):
        assert all(map(torch.equal, MixedBatches(sources[0])[step], sources[0][step]))


def test_an_empty_batch_is_one(two_colours):
    assert Batches(5, 0, seed=0)[3].shape == (0,)
    pictures, labels = ImageBatches(two_colours(5), 0, seed=0)[3]
    assert (pictures.shape, labels.shape) == ((0, 3, 8, 8), (0,))


# --- classes of given frequencies ------------------------------------------------------------------------------------


weights = st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any)


@given(weights, st.integers(1, 40), st.integers(0, 1000))
def test_each_class_comes_as_often_as_its_weight_says_rounded_up_or_down(weights, batch_size, step):
    labels = np.arange(50) % len(weights)
    batch = ClassBatches(labels, np.array(weights, float), batch_size, seed=0)[step]
    counts = np.bincount(labels[batch], minlength=len(weights))
    assert (np.abs(counts - batch_size * np.array(weights) / sum(weights)) < 1 + 1e-9).all()
    assert (counts[np.array(weights) == 0] == 0).all()
    assert batch.shape == (batch_size,)


def test_over_many_batches_each_class_comes_just_as_often_as_its_weight_says():
    labels = np.array([0] * 50 + [1] * 3 + [2] * 7)
    batches = ClassBatches(labels, np.array([1.0, 1.0, 2.0]), 6, seed=1)
    counts = np.bincount(labels[np.concatenate([batches[step] for step in range(2000)])])
    # 12,000 images: 1/4, 1/4 and 1/2. A batch's count of a class of 1.5 is 1 or 2, so its sum varies by √2000 / 2 = 22
    assert counts[:2] == pytest.approx([3000, 3000], abs=90)
    assert counts[2] == 6000


def test_images_of_a_class_come_equally_often_and_again():
    labels = np.array([0] * 50 + [1] * 3)
    batches = ClassBatches(labels, np.ones(2), 8, seed=1)
    drawn = np.concatenate([batches[step] for step in range(300)])
    rare = np.bincount(drawn, minlength=53)[50:]
    assert rare == pytest.approx([400] * 3, abs=4 * np.sqrt(1200 * 1 / 3 * 2 / 3))


def test_a_class_without_images_needs_weight_0():
    labels = np.array([0, 2, 2])  # of class 1 there is none
    batches = ClassBatches(labels, np.array([1.0, 0.0, 1.0]), 4, seed=0)
    assert all(sorted(labels[batches[step]]) == [0, 0, 2, 2] for step in range(20))


def test_a_batch_by_class_is_a_function_of_seed_and_step_alone():
    labels, weights = np.arange(30) % 3, np.array([1.0, 2.0, 4.0])
    in_turn = ClassBatches(labels, weights, 5, seed=0)
    expected = [in_turn[step].tolist() for step in range(8)]
    assert [ClassBatches(labels, weights, 5, seed=0)[step].tolist() for step in (7, 0, 3)] == [
        expected[step] for step in (7, 0, 3)
    ]
    assert len({tuple(batch) for batch in expected}) == 8
    assert ClassBatches(labels, weights, 5, seed=1)[0].tolist() != expected[0]


def test_classes_come_in_no_order():
    """A batch may be cut, so that its beginning is as mixed as the whole."""
    labels = np.arange(20) % 2
    batches = ClassBatches(labels, np.ones(2), 10, seed=0)
    firsts = np.mean([labels[batches[step][:5]].mean() for step in range(400)])
    assert firsts == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(400 * 5))


def test_balanced_batches_show_every_class_equally_often(two_colours):
    images = two_colours(12)
    few = images.subset(np.concatenate([np.flatnonzero(images.labels == 0), np.flatnonzero(images.labels == 1)[:1]]))
    batches = ImageBatches(few, 4, seed=0, balanced=True)
    for step in range(5):
        assert batches[step][1].sort().values.tolist() == [0, 0, 1, 1]
