"""The augmentation probability follows the sign of realness, by hand-derived steps."""

import pytest
import torch
from torch import Tensor

from ganaug.gan.ada import BATCHES_PER_UPDATE, AdaptiveProbability


def batch(real: int, fake: int, size: float = 1.0) -> Tensor:
    """Return the realness of a batch in which `real` images look real and `fake` look fake."""
    return torch.tensor([size] * real + [-size] * fake)


def after(ada: AdaptiveProbability, *batches: Tensor, first: int = 0) -> list[float]:
    """Return the probability after each batch; the first one has the number `first`."""
    found = []
    for number, realness in enumerate(batches, start=first):
        ada.update(realness, number)
        found.append(ada.probability.item())
    return found


def test_the_probability_starts_at_0():
    assert AdaptiveProbability(0.6, 100).probability.item() == 0


def test_the_probability_changes_at_every_fourth_batch_only():
    # 4 batches of 5 are 20 of 100 images: a fifth of the way from 0 to 1
    found = after(AdaptiveProbability(0.6, 100), *[batch(5, 0)] * 12)
    assert found == pytest.approx([0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.4, 0.4, 0.4, 0.4, 0.6])


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    # mean signs 1, 3/4 − 1/4 = 1/2, 0, −1; the target is 1/2
    [(4, 0, 0.66), (3, 1, 0.5), (2, 2, 0.34), (0, 4, 0.34)],
)
def test_it_rises_above_the_target_falls_below_it_and_stays_on_it(real, fake, expected):
    ada = AdaptiveProbability(0.5, 100)
    ada.probability.fill_(0.5)
    assert after(ada, *[batch(real, fake)] * 4)[-1] == pytest.approx(expected)  # 16 of 100 images


def test_it_moves_towards_the_target_from_both_sides():
    # the mean sign is 0.9 − 0.1 = 0.8 if 9 of 10 look real, and 0.7 − 0.3 = 0.4 if 7 do; 40 of 100 images
    for real, expected in ((9, 0.9), (7, 0.1)):
        ada = AdaptiveProbability(0.6, 100)
        ada.probability.fill_(0.5)
        assert after(ada, *[batch(real, 10 - real)] * 4)[-1] == pytest.approx(expected)


def test_all_four_batches_count():
    # the mean signs 1, 1, 0, −1 have the mean 1/4; neither the last one nor all but the last would give the same
    four = batch(2, 0), batch(2, 0), batch(1, 1), batch(0, 2)
    for target, expected in ((0.2, 0.58), (0.3, 0.42)):
        ada = AdaptiveProbability(target, 100)
        ada.probability.fill_(0.5)
        assert after(ada, *four)[-1] == pytest.approx(expected)  # 8 of 100 images


def test_earlier_batches_are_forgotten_after_each_change():
    # four mean signs of 1 raise it by 4 of 16 images, four of 0 lower it by 8 of 16, though all eight average 0.5 > 0.4
    found = after(AdaptiveProbability(0.4, 16), *[batch(1, 0)] * 4, *[batch(1, 1)] * 4)
    assert (found[3], found[7]) == (0.25, 0)


def test_only_the_sign_of_realness_counts():
    # two slightly real and one very fake: the mean sign is 1/3, the mean realness below 0
    ada = AdaptiveProbability(0.1, 120)
    assert after(ada, *[torch.tensor([0.01, 0.01, -1e6])] * 4)[-1] == pytest.approx(0.1)
    # an undecided image counts as neither
    ada = AdaptiveProbability(0.4, 80)
    assert after(ada, *[torch.tensor([2.0, 0.0])] * 4)[-1] == pytest.approx(0.1)


def test_it_stays_between_0_and_1():
    # each change is 4 · 2 of 20 images, 0.4
    ada = AdaptiveProbability(0.5, 20)
    found = after(ada, *[batch(0, 2)] * 4, *[batch(2, 0)] * 16, *[batch(0, 2)] * 12)
    assert found[3::4] == pytest.approx([0, 0.4, 0.8, 1, 1, 0.6, 0.2, 0])


def test_going_from_0_to_1_takes_the_given_number_of_images():
    ada, seen = AdaptiveProbability(0.6, 96), 0
    while ada.probability < 1:
        ada.update(batch(8, 0), seen // 8)
        seen += 8
    assert seen == 96


@pytest.mark.parametrize("batches", range(2 * BATCHES_PER_UPDATE + 1))
def test_resuming_from_a_checkpoint_gives_the_same_probabilities(batches):
    randomness = torch.Generator().manual_seed(0)
    realness = torch.randn(48, 5, generator=randomness).add(0.5).unbind()
    ada, resumed = AdaptiveProbability(0.4, 100), AdaptiveProbability(0.4, 100)
    after(ada, *realness[:batches])
    resumed.load_state_dict(ada.state_dict())
    found = after(ada, *realness[batches:], first=batches)
    assert after(resumed, *realness[batches:], first=batches) == found
    assert len(set(found)) > 2


def test_it_has_no_parameters_and_keeps_no_graph():
    ada = AdaptiveProbability(0.5, 100)
    after(ada, *[batch(2, 0).requires_grad_()] * 6)
    assert not list(ada.parameters())
    assert not any(value.requires_grad for value in ada.buffers())


def test_patches_count_by_their_mean_sign_and_images_by_their_number():
    # signs 1, 1, 1, −1 of two patches in each of two images: the mean is ½; 4 batches of 2 of 80 images
    realness = torch.tensor([[3.0, 0.1], [1.0, -2.0]])
    for target, expected in ((0.4, 0.6), (0.6, 0.4)):
        ada = AdaptiveProbability(target, 80)
        ada.probability.fill_(0.5)
        assert after(ada, *[realness] * 4)[-1] == pytest.approx(expected)
