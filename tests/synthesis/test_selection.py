"""Scores of candidates, derived by hand with members whose features are pixels, and the selection."""

from math import log

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganaug.classifier.architectures.small_cnn import SmallCNN
from ganaug.classifier.ensemble import NO_FOLD, Ensemble
from ganaug.core.plugins import build
from ganaug.data.images import LabelledImages
from ganaug.gan.objectives import Critique
from ganaug.gan.sampling import CHUNK
from ganaug.synthesis.policies import CandidateScores
from ganaug.synthesis.selection import (
    density_ratio,
    distance_to_other_candidates,
    realness,
    score_candidates,
    select,
)


class Member(nn.Module):
    """A classifier whose features are the pixels times `scale`, with the same class probabilities for every image."""

    frozen = False

    def __init__(self, scale: float, probabilities: tuple[float, float]) -> None:
        super().__init__()
        self.scale, self.last = scale, nn.Linear(2, 2)
        nn.init.zeros_(self.last.weight)
        with torch.no_grad():
            self.last.bias.copy_(torch.tensor(probabilities).log())

    def features(self, images: Tensor) -> Tensor:
        return self.scale * images.flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        return self.last(self.features(images))


class Discriminator(nn.Module):
    """Rates bright images of class 0 and dark images of class 1 as real."""

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        return Critique(images.mean((1, 2, 3)) * (condition[:, 0] - condition[:, 1]), images.flatten(1))


def two_pixel_images(values: list[int], labels: list[int]) -> LabelledImages:
    """Return images of two pixels with these values in the first and 0 in the second."""
    images = np.zeros((len(values), 1, 1, 2), dtype=np.uint8)
    images[:, 0, 0, 0] = values
    return LabelledImages(images, np.array(labels, dtype=np.int64), ("a", "b"))


TRAIN = two_pixel_images([0, 100, 200, 250], [0, 0, 0, 1])
VAL = two_pixel_images([10, 110, 120], [0, 0, 1])
CANDIDATES = two_pixel_images([0, 99, 100, 240, 30], [0, 1, 0, 1, 1])


def ensemble(folds: tuple[int, ...] = (0, 1, 0, NO_FOLD), members: int = 2) -> Ensemble:
    made = (Member(1, (0.9, 0.1)), Member(10, (0.2, 0.8)), Member(5, (0.5, 0.5)))[:members]
    return Ensemble(made, np.array(folds), SmallCNN(), (1, 1, 2), ("a", "b"))


# The first member compares with 0, 200 and 250: validation images are 10, 90 and 80 away, median 80. The second
# compares with 100 and 250: they are 90, 10 and 20 away, median 20. Both were trained on 250, alone in its class.
DISTANCES = [0 / 80, 1 / 20, 0 / 20, 10 / 80, 30 / 80]
MEMBERS = [0, 1, 1, 0, 0]


@pytest.fixture(scope="module")
def scored():
    return score_candidates(CANDIDATES, ensemble(), Discriminator(), TRAIN, VAL)


def test_distance_to_the_nearest_unseen_training_image(scored):
    np.testing.assert_allclose(scored.scores.train_distance, DISTANCES, atol=1e-6)


def test_near_copies_are_closer_than_95_percent_of_validation_images(scored):
    # validation images: 10/80, 10/20 and 20/20; the quantile is a tenth of the way from the first to the second
    threshold = 0.125 + 0.1 * 0.375
    np.testing.assert_array_equal(scored.scores.near_copy, np.array(DISTANCES) < threshold)
    assert scored.scores.near_copy.sum() == 4


def test_candidates_are_classified_by_the_member_that_was_not_trained_on_the_nearest_image(scored):
    np.testing.assert_array_equal(scored.scores.predicted, MEMBERS)  # member 0 predicts class a, member 1 class b
    np.testing.assert_allclose(scored.scores.confidence, [0.9, 0.8, 0.2, 0.1, 0.1], rtol=1e-6)
    np.testing.assert_allclose(scored.probabilities, np.array([[0.9, 0.1], [0.2, 0.8]])[MEMBERS], rtol=1e-6)
    assert scored.probabilities.dtype == np.float32


def test_copies_of_an_image_that_all_members_were_trained_on_are_detected():
    found = score_candidates(two_pixel_images([250], [1]), ensemble(), Discriminator(), TRAIN, VAL)
    assert found.scores.train_distance[0] == 0
    assert found.scores.near_copy[0]


def test_distance_to_other_candidates_is_the_mean_over_members(scored):
    nearest = np.array([30, 1, 1, 140, 30])
    np.testing.assert_allclose(scored.scores.synthetic_distance, nearest * (1 / 80 + 1 / 20) / 2, rtol=1e-5)


def test_single_candidate_has_no_distance_to_others():
    assert np.isnan(distance_to_other_candidates([np.zeros((1, 3))], np.ones(1))).tolist() == [True]


def test_member_without_unseen_images_is_ignored():
    # the third member has no unseen training image, so only the first two count
    without = ensemble(folds=(0, 1, 0, 1), members=3)
    found = score_candidates(CANDIDATES, without, Discriminator(), TRAIN, VAL)
    expected = score_candidates(CANDIDATES, ensemble(folds=(0, 1, 0, 1)), Discriminator(), TRAIN, VAL)
    for one, other in zip(found.scores, expected.scores, strict=True):
        np.testing.assert_array_equal(one, other)


def test_scores_have_the_documented_types(scored):
    types = [array.dtype for array in scored.scores]
    assert types == [np.int64, np.int64, *[np.float64] * 2, np.bool_, *[np.float64] * 3]
    assert all(array.shape == (5,) for array in scored.scores)


def test_realness_depends_on_the_label(scored):
    brightness = [(value / 127.5 - 1 + -1) / 2 for value in (0, 99, 100, 240, 30)]
    signs = [1, -1, 1, -1, -1]
    expected = [one * sign for one, sign in zip(brightness, signs, strict=True)]
    np.testing.assert_allclose(scored.scores.realness, expected, rtol=1e-5)


class PatchDiscriminator(nn.Module):
    """Rates each column of pixels."""

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        return Critique(images.mean((1, 2)), images.flatten(1))


def test_realness_of_patches_is_averaged():
    np.testing.assert_allclose(realness(PatchDiscriminator(), two_pixel_images([0, 255], [0, 1])), [-1, 0], atol=1e-6)


class BatchRecorder(nn.Module):
    """A discriminator that records each batch's size and its share of the second class."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[tuple[int, float]] = []

    def forward(self, images: Tensor, condition: Tensor) -> Critique:
        self.batches.append((len(images), condition[:, 1].mean().item()))
        return Critique(images.mean((1, 2, 3)) + images.std(), images.flatten(1))


@pytest.mark.parametrize("count", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
def test_realness_uses_full_batches_of_mixed_classes(count):
    discriminator = BatchRecorder()
    labels = np.repeat([0, 1], [count - count // 2, count // 2])
    candidates = two_pixel_images((np.arange(count) % 250).tolist(), labels.tolist())
    found = realness(discriminator, candidates)
    assert {size for size, _ in discriminator.batches} == {CHUNK}
    assert len(discriminator.batches) == -(-count // CHUNK)
    np.testing.assert_array_equal(realness(discriminator, candidates), found)
    if count > 2 * CHUNK:
        assert all(0.2 < share < 0.8 for _, share in discriminator.batches)  # classes are mixed as in training


def test_realness_does_not_depend_on_other_candidates_if_the_discriminator_compares_none():
    many = two_pixel_images(list(range(200)), [0, 1] * 100)
    whole = realness(Discriminator(), many)
    np.testing.assert_allclose(realness(Discriminator(), many.subset(np.arange(7))), whole[:7], rtol=1e-6)


def normal(centre: float, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(centre, size=(count, 1))


def test_density_ratio_of_two_normal_distributions():
    # log of exp(−(x − 1)² / 2) / exp(−(x + 1)² / 2) = 2x
    synthetic, real = normal(-1, 3000, 0), normal(1, 3000, 1)
    zeros = np.zeros(3000, np.int64)
    found = density_ratio([synthetic], zeros, [real], [zeros])
    np.testing.assert_allclose(found, 2 * synthetic[:, 0], atol=0.4)


def test_density_ratio_does_not_depend_on_the_numbers_of_images():
    synthetic, real = normal(-1, 4000, 0), normal(1, 400, 1)
    found = density_ratio([synthetic], np.zeros(4000, np.int64), [real], [np.zeros(400, np.int64)])
    assert np.abs(found - 2 * synthetic[:, 0]).max() < 1
    assert found[np.abs(synthetic[:, 0]) < 0.1].mean() == pytest.approx(0, abs=0.2)


def test_density_ratio_is_the_mean_over_members():
    synthetic, reals = normal(0, 50, 0), [normal(1, 40, 1), normal(-1, 30, 2)]
    labels = np.zeros(50, np.int64)
    each = [density_ratio([synthetic], labels, [real], [labels[: len(real)]]) for real in reals]
    both = density_ratio([synthetic] * 2, labels, reals, [labels[:40], labels[:30]])
    np.testing.assert_allclose(both, np.mean(each, axis=0))


def test_density_ratio_does_not_depend_on_class_frequencies():
    synthetic = np.concatenate([normal(-5, 500, 0), normal(5, 500, 1)])
    real = np.concatenate([normal(-5, 900, 2), normal(5, 100, 3)])
    labels, theirs = np.repeat([0, 1], 500), np.repeat([0, 1], [900, 100])
    assert np.abs(density_ratio([synthetic], labels, [real], [theirs])).max() < 0.3


def test_density_ratio_ignores_classes_without_a_training_image():
    synthetic = np.concatenate([normal(-5, 500, 0), normal(5, 500, 1)])
    labels = np.repeat([0, 1], 500)
    found = density_ratio([synthetic], labels, [normal(-5, 400, 2)], [np.zeros(400, np.int64)])
    assert np.abs(found[:500]).max() < 0.3
    nothing = density_ratio([synthetic], labels, [normal(-5, 4, 2)], [np.full(4, 2)])
    np.testing.assert_array_equal(nothing, np.zeros(1000))


def test_identical_images_have_a_density_ratio_of_1():
    same = [np.ones((4, 3))]
    labels = np.zeros(4, np.int64)
    np.testing.assert_allclose(density_ratio(same, labels, same, [labels]), 0, atol=1e-9)


def test_density_ratio_is_the_log_odds_of_two_points():
    synthetic, real = np.repeat([[0.0], [1.0]], [3000, 1000], axis=0), np.repeat([[0.0], [1.0]], [1000, 3000], axis=0)
    zeros = np.zeros(4000, np.int64)
    found = density_ratio([synthetic], zeros, [real], [zeros])
    assert found[0] == pytest.approx(-log(3), abs=0.01)
    assert found[-1] == pytest.approx(log(3), abs=0.01)


def scores(labels: list[int], **changes: list) -> CandidateScores:
    """Return scores for these labels, with `changes` and otherwise zeros."""
    zeros = np.zeros(len(labels))
    plain = CandidateScores(np.array(labels), np.array(labels), zeros, zeros, zeros.astype(bool), zeros, zeros, zeros)
    return plain._replace(**{name: np.array(values) for name, values in changes.items()})


def selected(
    policy: str, given: CandidateScores, per_class: int, *, classes: int = 2, drop_copies: bool = False, seed: int = 0
):
    chosen = build("synthesis.policies", {"name": policy})
    return select(given, per_class, classes, chosen, np.random.default_rng(seed), drop_copies=drop_copies)


def test_most_preferred_candidates_of_each_class_are_kept_in_their_original_order():
    given = scores([0, 0, 0, 1, 1, 1], confidence=[0.1, 0.9, 0.5, 0.3, 0.2, 0.8])
    chosen = selected("confidence", given, 2)
    np.testing.assert_array_equal(chosen.kept, [1, 2, 3, 5])
    np.testing.assert_array_equal(chosen.rejected, [0, 0])


def test_ties_go_to_the_first_candidates():
    np.testing.assert_array_equal(selected("none", scores([1, 0, 1, 0, 1, 0]), 2).kept, [1, 3, 0, 2])
    np.testing.assert_array_equal(selected("confidence", scores([0] * 40), 3).kept, [0, 1, 2])


def test_of_each_place_only_the_best_candidate_is_kept():
    given = scores([0, 0, 0, 0, 1, 1], confidence=[0.1, 0.9, 0.5, 0.8, 0.3, 0.2], predicted=[0, 0, 0, 0, 0, 1])
    policy = build("synthesis.policies", {"name": "hard_but_right"})
    places = np.array([0, 1, 0, 1, 0, 0])  # correctly classified images with less confidence are preferred
    chosen = select(given, [2, 1], 2, policy, np.random.default_rng(0), drop_copies=False, places=places)
    np.testing.assert_array_equal(chosen.kept, [0, 3, 5])
    np.testing.assert_array_equal(chosen.rejected, [0, 1])


def test_fewer_images_are_kept_if_many_candidates_are_rejected():
    given = scores([0, 0, 0, 1, 1, 1], predicted=[0, 1, 1, 0, 0, 0])
    chosen = selected("hard_but_right", given, 2)
    np.testing.assert_array_equal(chosen.kept, [0])
    np.testing.assert_array_equal(chosen.rejected, [2, 3])


def test_near_copies_are_rejected_with_drop_copies():
    given = scores([0, 0, 0, 1, 1], near_copy=[True, False, True, True, True])
    np.testing.assert_array_equal(selected("none", given, 2).kept, [0, 1, 3, 4])
    chosen = selected("none", given, 2, drop_copies=True)
    np.testing.assert_array_equal(chosen.kept, [1])
    np.testing.assert_array_equal(chosen.rejected, [2, 2])


def test_class_without_candidates_has_no_images():
    chosen = selected("none", scores([0, 2]), 1, classes=3)
    np.testing.assert_array_equal(chosen.kept, [0, 1])
    assert selected("random", scores([]), 1).kept.tolist() == []


def test_density_ratio_policy_draws_in_proportion_to_the_ratio():
    # one of two candidates is kept; with ratios 3 : 1 it is the first in three of four draws
    given = scores([0, 0], density_ratio=[log(3), 0.0])
    kept = [selected("density_ratio", given, 1, seed=seed).kept[0] for seed in range(2000)]
    assert np.mean(np.array(kept) == 0) == pytest.approx(0.75, abs=0.03)


def test_random_policy_draws_uniformly():
    kept = np.concatenate([selected("random", scores([0] * 4), 1, seed=seed).kept for seed in range(2000)])
    np.testing.assert_allclose(np.bincount(kept) / 2000, 0.25, atol=0.03)


EXAMPLE = scores(
    [0, 0, 0, 1, 1, 1],
    predicted=[0, 1, 0, 1, 0, 1],
    confidence=[0.9, 0.4, 0.6, 0.7, 0.3, 0.8],
    density_ratio=[50.0, 100.0, -50.0, -50.0, 100.0, 50.0],
)


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ("none", [0, 3]),
        ("confidence", [0, 5]),
        ("density_ratio", [1, 4]),
        ("confidence_density", [0, 5]),
        ("hard_but_right", [2, 3]),
    ],
)
def test_first_choice_of_each_policy(policy, kept):
    np.testing.assert_array_equal(selected(policy, EXAMPLE, 1).kept, kept)
