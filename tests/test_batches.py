"""Which image is in which batch."""

import numpy as np
import pytest
import torch

from ganaug.batches import Batches, ImageBatches


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
