"""Choosing the images of each batch."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganaug.data.batches import Batches, ClassBatches, MixedBatches, Part, index_batches


@pytest.mark.parametrize(("size", "batch_size"), [(12, 4), (10, 4), (7, 7), (5, 13), (1, 3), (100, 64)])
def test_each_pass_shows_every_image_once(size, batch_size):
    batches = Batches(size, batch_size, seed=0)
    shown = np.concatenate([batches[step] for step in range(3 * size)])  # 3 × batch_size whole passes
    for one in shown.reshape(-1, size):
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


# --- parts of several sets -------------------------------------------------------------------------------------------


@pytest.fixture
def sets(two_colours):
    """Return five labelled images and eight unlabelled ones."""
    return two_colours(5), two_colours(8, seed=9).without_labels()


@pytest.fixture(params=["on disk", "on the device"])
def parts(request, sets):
    """Return a part with three labelled images per batch, and one with two unlabelled ones."""
    orders = Batches(5, 3, seed=1), Batches(8, 2, seed=2)
    if request.param == "on the device":
        return [
            Part.on_device(images, order, order.batch_size, "cpu") for images, order in zip(sets, orders, strict=True)
        ]
    return [
        Part(images.images, images.labels, order, order.batch_size) for images, order in zip(sets, orders, strict=True)
    ]


def test_mixed_batches_are_those_of_each_part_one_after_the_other(parts, sets):
    mixed = MixedBatches(*parts)
    for step in (0, 7, 3, 3):  # in any order
        images, labels = mixed[step]
        assert (images.dtype, images.shape) == (torch.uint8, (5, 3, 8, 8))
        for place, part, whole in zip((slice(3), slice(3, 5)), parts, sets, strict=True):
            chosen = part.batches[step]
            assert images[place].tolist() == whole.images[chosen].tolist()
            assert labels[place].tolist() == whole.labels[chosen].tolist()


def test_each_part_goes_through_its_images_at_its_own_pace(parts):
    shown = [MixedBatches(*parts)[step][0].flatten(1) for step in range(20)]
    labelled, unlabelled = (torch.cat([batch[place] for batch in shown]) for place in (slice(3), slice(3, 5)))
    for images, size in ((labelled, 5), (unlabelled, 8)):
        _, counts = images.unique(dim=0, return_counts=True)
        assert counts.tolist() == [len(images) // size] * size  # 60 / 5 and 40 / 8 whole passes


def test_a_part_takes_the_first_images_of_its_batches(sets):
    images, order = sets[0], Batches(5, 4, seed=1)
    first, every = (MixedBatches(Part(images.images, images.labels, order, size)) for size in (2, 4))
    for step in range(5):
        assert torch.equal(first[step][0], every[step][0][:2])


def test_a_part_in_ascending_order_has_the_same_images(sets):
    images, order = sets[0], Batches(5, 4, seed=1)
    found = MixedBatches(Part(images.images, images.labels, order, 3, ascending=True))
    for step in range(5):
        assert found[step][0].tolist() == images.images[np.sort(order[step][:3])].tolist()


def test_labels_beside_probabilities_become_one_hot(sets):
    images, order = sets[0], Batches(5, 2, seed=1)
    soft = np.full((5, 2), 0.5, np.float32)
    _, targets = MixedBatches(*(Part(images.images, one, order, 2) for one in (images.labels, soft)))[0]
    assert targets.dtype == torch.float32
    assert targets.tolist() == [*np.eye(2)[images.labels[order[0]]].tolist(), [0.5, 0.5], [0.5, 0.5]]


def test_a_part_may_have_no_images_in_a_batch(sets):
    images = sets[0]
    assert Batches(5, 0, seed=0)[3].shape == (0,)
    empty, labels = MixedBatches(Part(images.images, images.labels, Batches(5, 0, seed=0), 0))[3]
    assert (empty.shape, labels.shape) == ((0, 3, 8, 8), (0,))


# --- given class frequencies -----------------------------------------------------------------------------------------


weights = st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(any)


@given(weights, st.integers(1, 40), st.integers(0, 1000))
def test_each_class_gets_its_share_of_a_batch_rounded_up_or_down(weights, batch_size, step):
    labels = np.arange(50) % len(weights)
    batch = ClassBatches(labels, np.array(weights, float), batch_size, seed=0)[step]
    counts = np.bincount(labels[batch], minlength=len(weights))
    assert (np.abs(counts - batch_size * np.array(weights) / sum(weights)) < 1 + 1e-9).all()
    assert (counts[np.array(weights) == 0] == 0).all()
    assert batch.shape == (batch_size,)


def test_over_many_batches_each_class_gets_exactly_its_share():
    labels = np.array([0] * 50 + [1] * 3 + [2] * 7)
    batches = ClassBatches(labels, np.array([1.0, 1.0, 2.0]), 6, seed=1)
    counts = np.bincount(labels[np.concatenate([batches[step] for step in range(2000)])])
    # 12,000 images: 1/4, 1/4 and 1/2. A batch's count of a class of 1.5 is 1 or 2, so its sum varies by √2000 / 2 = 22
    assert counts[:2] == pytest.approx([3000, 3000], abs=90)
    assert counts[2] == 6000


def test_images_of_a_class_are_equally_frequent_and_repeat():
    labels = np.array([0] * 50 + [1] * 3)
    batches = ClassBatches(labels, np.ones(2), 8, seed=1)
    drawn = np.concatenate([batches[step] for step in range(300)])
    rare = np.bincount(drawn, minlength=53)[50:]
    assert rare == pytest.approx([400] * 3, abs=4 * np.sqrt(1200 * 1 / 3 * 2 / 3))


def test_a_class_without_images_needs_weight_0():
    labels = np.array([0, 2, 2])  # class 1 has no image
    batches = ClassBatches(labels, np.array([1.0, 0.0, 1.0]), 4, seed=0)
    assert all(sorted(labels[batches[step]]) == [0, 0, 2, 2] for step in range(20))


def test_a_batch_by_class_depends_on_seed_and_step_alone():
    labels, weights = np.arange(30) % 3, np.array([1.0, 2.0, 4.0])
    in_turn = ClassBatches(labels, weights, 5, seed=0)
    expected = [in_turn[step].tolist() for step in range(8)]
    assert [ClassBatches(labels, weights, 5, seed=0)[step].tolist() for step in (7, 0, 3)] == [
        expected[step] for step in (7, 0, 3)
    ]
    assert len({tuple(batch) for batch in expected}) == 8
    assert ClassBatches(labels, weights, 5, seed=1)[0].tolist() != expected[0]


def test_classes_are_shuffled_within_a_batch():
    # a batch may be cut, so its beginning must be as mixed as the whole
    labels = np.arange(20) % 2
    batches = ClassBatches(labels, np.ones(2), 10, seed=0)
    firsts = np.mean([labels[batches[step][:5]].mean() for step in range(400)])
    assert firsts == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(400 * 5))


def test_balanced_batches_have_all_classes_equally_often(two_colours):
    images = two_colours(12)
    few = images.subset(np.concatenate([np.flatnonzero(images.labels == 0), np.flatnonzero(images.labels == 1)[:1]]))
    order = index_batches(few, 4, seed=0, balanced=True)
    assert all(sorted(few.labels[order[step]]) == [0, 0, 1, 1] for step in range(5))


def test_batches_without_balance_are_whole_passes(two_colours):
    order = index_batches(two_colours(12), 4, seed=0, balanced=False)
    assert sorted(np.concatenate([order[step] for step in range(3)])) == list(range(12))
