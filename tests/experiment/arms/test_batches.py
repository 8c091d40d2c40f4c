"""Batches made from an arm's options: shares, balance, pseudo-labels, soft labels, mixing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.settings import Training
from ganaug.core.errors import InputError
from ganaug.data.images import LabelledImages
from ganaug.experiment.arms.batches import TrainingSets, arm_batches
from ganaug.experiment.arms.settings import Arm

STEPS, BATCH_SIZE = 10, 8
SETTINGS = Training(classifier=SmallCNN(), steps=STEPS, batch_size=BATCH_SIZE)
FLIP = ({"name": "RandomHorizontalFlip"},)


def of_classes(first: int, *counts: int) -> LabelledImages:
    """Return uniform images with grey levels first, first + 1, …: these numbers per class, one class after another."""
    levels = np.arange(first, first + sum(counts), dtype=np.uint8)
    images = np.tile(levels[:, None, None, None], (1, 1, 2, 2))
    labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    return LabelledImages(images, labels, tuple("abcdef"[: len(counts)]))


REAL, SYNTHETIC = of_classes(0, 15, 15), of_classes(100, 25, 25)
SETS = TrainingSets(REAL, SYNTHETIC)


def batches(arm: Arm, sets: TrainingSets = SETS, seed: int = 0) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Yield each batch's targets and the grey levels of its images, which identify the images."""
    made = arm_batches(arm, sets, SETTINGS, seed)
    for step in range(STEPS):
        images, targets = made[step]
        yield ((images[:, 0, 0, 0] + 1) * 127.5).round().int().tolist(), targets


def seen(arm: Arm, sets: TrainingSets = SETS, seed: int = 0) -> list[list[int]]:
    """Return the grey levels of each batch's images."""
    return [numbers for numbers, _ in batches(arm, sets, seed)]


def between(numbers: list[int], start: int, stop: int) -> int:
    """Count the numbers in [`start`, `stop`)."""
    return sum(start <= number < stop for number in numbers)


# --- real and synthetic images ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "synthetic"), [(0.0, 0), (0.25, 2), (0.5, 4), (0.8, 6), (1.0, 8)])
def test_every_batch_has_the_arms_share_of_synthetic_images(share, synthetic):
    for batch in seen(Arm(synthetic=share)):  # 0.8 × 8 = 6.4
        assert len(batch) == BATCH_SIZE
        assert between(batch, 100, 150) == synthetic


def test_every_batch_has_the_arms_share_of_another_domain_and_the_same_real_images():
    sets = replace(SETS, other_domain=of_classes(200, 6, 6))
    plain = seen(Arm())
    for batch, real in zip(seen(Arm(synthetic=0.25, other_domain=0.25), sets), plain, strict=True):
        assert (between(batch, 0, 100), between(batch, 100, 200), between(batch, 200, 212)) == (4, 2, 2)
        assert {number for number in batch if number < 100} <= set(real)


def test_arms_with_one_seed_see_the_same_real_images_in_the_same_order():
    plain = seen(Arm())
    assert seen(Arm(transforms=FLIP)) == plain
    for share in (0.25, 0.5):
        # if fewer real images fit into a batch, they are a subset of the same images
        real = [{number for number in batch if number < 100} for batch in seen(Arm(synthetic=share))]
        assert all(some <= set(every) for some, every in zip(real, plain, strict=True))
    assert seen(Arm(), seed=1) != plain


def test_every_real_image_is_shown_once_before_any_is_shown_again():
    counts = np.bincount(np.concatenate(seen(Arm())), minlength=30)
    assert set(counts) <= {2, 3}  # 10 batches of 8 show 30 images 2⅔ times
    assert len(counts) == 30


def test_images_of_each_kind_come_in_ascending_order():
    for batch in seen(Arm(synthetic=0.5)):
        assert batch == sorted(batch)  # synthetic images have the higher numbers


def test_labels_belong_to_the_images():
    labels = dict(zip(range(30), REAL.labels, strict=True)) | dict(zip(range(100, 150), SYNTHETIC.labels, strict=True))
    for numbers, targets in batches(Arm(synthetic=0.5)):
        assert targets.tolist() == [labels[number] for number in numbers]


@pytest.mark.parametrize(
    ("arm", "kind"),
    [
        ({"synthetic": 0.5}, "synthetic"),
        ({"pseudo_labels": 0.5}, "pseudo-labelled"),
        ({"other_domain": 1}, "other-domain"),
    ],
)
def test_images_that_an_arm_uses_must_not_be_missing(arm, kind):
    with pytest.raises(ValueError, match=f"uses {kind} images"):
        arm_batches(Arm(**arm), TrainingSets(REAL), SETTINGS, 0)


# --- balance ---------------------------------------------------------------------------------------------------------


def test_balanced_batches_have_all_classes_equally_often():
    sets = TrainingSets(of_classes(0, 27, 3))
    assert all(between(batch, 27, 30) == 4 for batch in seen(Arm(balanced=True), sets))
    assert any(between(batch, 27, 30) < 3 for batch in seen(Arm(), sets))


def test_balance_ignores_classes_without_images():
    for batch in seen(Arm(balanced=True), TrainingSets(of_classes(0, 20, 0, 2))):
        assert between(batch, 20, 22) == 4


def test_real_images_stay_balanced_beside_synthetic_ones():
    sets = TrainingSets(of_classes(0, 27, 3), of_classes(100, 5, 5))
    real = [number for batch in seen(Arm(balanced=True, synthetic=0.5), sets) for number in batch if number < 100]
    assert len(real) == 40
    assert 12 <= between(real, 27, 30) <= 28  # of 40; without balance it would be 4


def test_balanced_arms_see_the_same_real_images():
    sets = TrainingSets(of_classes(0, 27, 3), of_classes(100, 5, 5))
    alone, beside = (seen(Arm(balanced=True, synthetic=share), sets) for share in (0.0, 0.25))
    for every, batch in zip(alone, beside, strict=True):
        assert {number for number in batch if number < 100} <= set(every)


def test_short_classes_get_synthetic_images_in_proportion_to_what_they_lack():
    # 10, 4 and 8 images are short of 0, 6 and 2; of 4 synthetic images per batch, 3 are of class b and 1 is of class c
    sets = TrainingSets(of_classes(0, 10, 4, 8), of_classes(100, 20, 20, 20))
    for batch in seen(Arm(synthetic=0.5, synthetic_for="short"), sets):
        assert [between(batch, start, start + 20) for start in (100, 120, 140)] == [0, 3, 1]


def test_a_short_class_without_synthetic_images_gets_none():
    sets = TrainingSets(of_classes(0, 10, 4, 8), of_classes(100, 20, 0, 20))
    for batch in seen(Arm(synthetic=0.5, synthetic_for="short"), sets):
        assert between(batch, 120, 140) == 4


@pytest.mark.parametrize(("real", "synthetic"), [((4, 4), (5, 5)), ((4, 2), (5, 0))])
def test_synthetic_images_for_short_classes_need_such_classes(real, synthetic):
    sets = TrainingSets(of_classes(0, *real), of_classes(100, *synthetic))
    with pytest.raises(InputError, match=r"no class with fewer labelled images .*set synthetic_for to all"):
        arm_batches(Arm(synthetic=0.5, synthetic_for="short"), sets, SETTINGS, 0)


@pytest.mark.parametrize(("share", "until", "steps"), [(0.5, 0.7, 7), (1.0, 0.5, 5), (0.5, 0.01, 1)])
def test_real_images_take_the_place_of_synthetic_ones_for_the_last_steps(share, until, steps):
    found = seen(Arm(synthetic=share, synthetic_until=until))
    assert found == [*seen(Arm(synthetic=share))[:steps], *seen(Arm())[steps:]]


def test_pseudo_labelled_images_stay_when_synthetic_ones_have_gone():
    sets = replace(SETS, pseudo_labelled=of_classes(200, 6, 6))
    arm = Arm(synthetic=0.5, pseudo_labels=0.25, synthetic_until=0.5)
    counts = [[between(batch, start, start + 100) for start in (0, 100, 200)] for batch in seen(arm, sets)]
    assert counts == [[2, 4, 2]] * 5 + [[6, 0, 2]] * 5


# --- pseudo-labels ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pseudo", "synthetic", "expected"),
    [
        (0.25, 0.0, (6, 2, 0)),  # of 8: real, pseudo-labelled, synthetic
        (0.25, 0.5, (2, 2, 4)),
        (0.5, 0.5, (0, 4, 4)),  # no share of real images
        (0.3, 0.7, (0, 2, 6)),  # 2.4 and 5.6
        (1.0, 0.0, (0, 8, 0)),
        (0.01, 0.01, (6, 1, 1)),  # at least one of each
        (0.01, 0.98, (1, 1, 6)),
        (0.0, 0.01, (7, 0, 1)),
        (0.0, 0.99, (1, 0, 7)),
        (0.98, 0.01, (1, 6, 1)),
    ],
)
def test_a_batch_has_images_of_every_kind_with_a_share_and_of_no_other(pseudo, synthetic, expected):
    sets = TrainingSets(of_classes(0, 10, 10), of_classes(100, 6, 6), pseudo_labelled=of_classes(50, 6, 6))
    for batch in seen(Arm(pseudo_labels=pseudo, synthetic=synthetic), sets):
        assert len(batch) == BATCH_SIZE
        assert tuple(between(batch, start, start + 50) for start in (0, 50, 100)) == expected


def test_pseudo_labels_do_not_change_the_order_of_real_images():
    found = seen(Arm(pseudo_labels=0.25), TrainingSets(REAL, pseudo_labelled=of_classes(50, 5, 4)))
    for batch, every in zip(found, seen(Arm()), strict=True):
        assert {number for number in batch if number < 50} <= set(every)


def test_targets_of_pseudo_labelled_images_are_their_pseudo_labels():
    wrong = replace(REAL, labels=1 - REAL.labels)
    for numbers, targets in batches(Arm(pseudo_labels=1.0), TrainingSets(REAL, pseudo_labelled=wrong)):
        assert targets.tolist() == (1 - REAL.labels[numbers]).tolist()


# --- soft labels and mixing ------------------------------------------------------------------------------------------


def test_beside_soft_labels_hard_ones_become_one_hot():
    real, synthetic = of_classes(0, 5, 5), of_classes(100, 5, 5)
    probabilities = np.linspace(0.01, 0.09, 10, dtype=np.float32)  # identifies the synthetic images
    soft = np.stack([probabilities, 1 - probabilities], 1)
    for numbers, targets in batches(Arm(synthetic=0.5), TrainingSets(real, synthetic, soft)):
        expected = [soft[number - 100] if number >= 100 else np.eye(2)[real.labels[number]] for number in numbers]
        np.testing.assert_allclose(targets, np.array(expected), atol=1e-6)


def test_soft_labels_of_unused_synthetic_images_change_nothing():
    soft = np.full((50, 2), 0.5, np.float32)
    for (_, plain), (_, found) in zip(batches(Arm()), batches(Arm(), replace(SETS, soft_labels=soft)), strict=True):
        assert torch.equal(found, plain)


@pytest.mark.parametrize("soft", [False, True])
def test_targets_are_mixed_as_the_images_are(soft):
    # class a is black, class b has grey level 200, whether real or synthetic: a target is a share of 200
    grey = np.repeat(np.array([0, 200], np.uint8), 5)
    images = replace(of_classes(0, 5, 5), images=np.tile(grey[:, None, None, None], (1, 1, 2, 2)))
    sets = TrainingSets(images, images, np.eye(2, dtype=np.float32)[images.labels] if soft else None)
    torch.manual_seed(0)
    found = list(batches(Arm(synthetic=0.5, mixing={"name": "MixUp", "alpha": 1.0}), sets))
    for numbers, targets in found:
        assert targets.shape == (BATCH_SIZE, 2)
        np.testing.assert_allclose(targets.sum(1), 1, atol=1e-6)
        np.testing.assert_allclose(np.array(numbers) / 200, targets[:, 1], atol=0.5 / 200 + 1e-4)
    shares = torch.cat([targets for _, targets in found])[:, 1]
    assert ((shares > 0.01) & (shares < 0.99)).sum() > 20  # of 80; pairs of neighbours would seldom differ in class


def test_transforms_apply_to_real_and_synthetic_images():
    invert: dict[str, Any] = {"name": "RandomInvert", "p": 1.0}
    for plain, found in zip(seen(Arm(synthetic=0.5)), seen(Arm(synthetic=0.5, transforms=(invert,))), strict=True):
        assert found == [255 - number for number in plain]
