"""Which image is in which batch."""

import numpy as np
import pytest
import torch

from ganaug.batches import Batches, ImageBatches, MixedBatches
from ganaug.images import UNLABELLED


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
