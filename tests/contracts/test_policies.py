"""What every policy promises; plug-ins are found by themselves."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.core.plugins import available, build, describe
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.policies import Policy, Scores
from ganaug.synthesis.selection import select

CLASSES = 3


@pytest.fixture(params=available("synthesis.policies"))
def policy(request) -> Policy:
    return build("synthesis.policies", {"name": request.param})


def drawn(count: int, seed: int = 0) -> Scores:
    """Return scores as they may come, with no two candidates alike; the last class has one image."""
    rng = np.random.default_rng(seed)
    labels = np.minimum(np.arange(count) % CLASSES, 1 if count > CLASSES else CLASSES)
    labels[-1:] = CLASSES - 1
    predicted = np.where(rng.random(count) < 0.7, labels, rng.integers(0, CLASSES, count))
    near = rng.random(count)
    return Scores(
        label=labels.astype(np.int64),
        predicted=predicted.astype(np.int64),
        confidence=rng.random(count),
        train_distance=near,
        near_copy=near < 0.1,
        synthetic_distance=rng.random(count) if count > 1 else np.full(count, np.nan),
        realness=rng.normal(size=count),
        density_ratio=rng.normal(size=count),
    )


def preferred(policy: Policy, scores: Scores, seed: int = 0) -> np.ndarray:
    return policy.preference(scores, np.random.default_rng(seed))


def draws(policy: Policy) -> bool:
    """Tell whether the policy draws anything."""
    randomness = np.random.default_rng(0)
    before = randomness.bit_generator.state
    policy.preference(drawn(20), randomness)
    return randomness.bit_generator.state != before


def test_says_what_it_is_for(policy):
    assert isinstance(policy, Policy)
    assert type(policy).__doc__


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_a_number_for_each_candidate_and_never_nan(policy, count):
    found = preferred(policy, drawn(count))
    assert (found.shape, found.dtype) == ((count,), np.float64)
    assert not np.isnan(found).any()
    assert not np.isposinf(found).any()


def test_the_seed_alone_decides(policy):
    np.testing.assert_array_equal(preferred(policy, drawn(50)), preferred(policy, drawn(50)))
    if draws(policy):
        assert (preferred(policy, drawn(50)) != preferred(policy, drawn(50), seed=1)).any()


def test_the_order_of_candidates_plays_no_part_unless_something_is_drawn(policy):
    scores = drawn(50)
    order = np.random.default_rng(1).permutation(50)
    shuffled = Scores(*(array[order] for array in scores))
    if draws(policy):  # who is refused is not drawn
        refused = np.isneginf(preferred(policy, scores))
        np.testing.assert_array_equal(np.isneginf(preferred(policy, shuffled)), refused[order])
    else:
        np.testing.assert_array_equal(preferred(policy, shuffled), preferred(policy, scores)[order])


def test_scores_are_left_as_they_were(policy):
    scores, before = drawn(50), drawn(50)
    preferred(policy, scores)
    for array, old in zip(scores, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_nothing_refused_is_kept_and_nothing_twice(policy):
    scores = drawn(50)
    refused = np.flatnonzero(np.isneginf(preferred(policy, scores)))
    for drop_copies in (False, True):
        chosen = select(scores, 60, CLASSES, policy, np.random.default_rng(0), drop_copies=drop_copies)
        assert len(np.unique(chosen.kept)) == len(chosen.kept)
        assert not np.isin(refused, chosen.kept).any()
        assert len(chosen.kept) + chosen.rejected.sum() == 50
        if drop_copies:
            assert not scores.near_copy[chosen.kept].any()


def test_no_class_has_more_than_asked_for(policy):
    chosen = select(drawn(50), 4, CLASSES, policy, np.random.default_rng(0), drop_copies=False)
    assert np.bincount(drawn(50).label[chosen.kept], minlength=CLASSES).max() <= 4


def test_who_refuses_candidates_can_choose_without_a_pool(policy):
    refuses = any(np.isneginf(preferred(policy, drawn(50, seed))).any() for seed in range(5))
    assert not (policy.needs_pool and refuses)


def test_can_be_asked_for(policy):
    assert Generate(per_class=1, candidates_per_image=2.0, policy=describe(policy)).policy == policy


def test_described_policy_builds_again_also_by_way_of_json(policy):
    assert build("synthesis.policies", json.loads(json.dumps(describe(policy)))) == policy


def test_misspelt_option_is_an_error_that_names_it(policy):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("synthesis.policies", {**describe(policy), "no_such_option": 1})
