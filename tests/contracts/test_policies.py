"""The contract of every selection policy; plug-ins are discovered automatically."""

import json

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.core.plugins import available, build, describe, find
from ganaug.synthesis.generate_settings import Generate
from ganaug.synthesis.policies import CandidateScores, Policy
from ganaug.synthesis.selection import select

CLASSES = 3


@pytest.fixture(params=available("synthesis.policies"))
def policy(request) -> Policy:
    return find("synthesis.policies", request.param).small()


def drawn(count: int, seed: int = 0) -> CandidateScores:
    """Return plausible scores, no two candidates alike; the last class has one image."""
    rng = np.random.default_rng(seed)
    labels = np.minimum(np.arange(count) % CLASSES, 1 if count > CLASSES else CLASSES)
    labels[-1:] = CLASSES - 1
    predicted = np.where(rng.random(count) < 0.7, labels, rng.integers(0, CLASSES, count))
    near = rng.random(count)
    return CandidateScores(
        label=labels.astype(np.int64),
        predicted=predicted.astype(np.int64),
        confidence=rng.random(count),
        train_distance=near,
        near_copy=near < 0.1,
        synthetic_distance=rng.random(count) if count > 1 else np.full(count, np.nan),
        realness=rng.normal(size=count),
        density_ratio=rng.normal(size=count),
    )


def preferred(policy: Policy, scores: CandidateScores, seed: int = 0) -> np.ndarray:
    return policy.preference(scores, np.random.default_rng(seed))


def is_random(policy: Policy) -> bool:
    """Return whether the policy draws random numbers."""
    randomness = np.random.default_rng(0)
    before = randomness.bit_generator.state
    policy.preference(drawn(20), randomness)
    return randomness.bit_generator.state != before


def test_describes_itself(policy):
    assert isinstance(policy, Policy)
    assert type(policy).__doc__


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_gives_one_number_per_candidate_and_never_nan(policy, count):
    preference = preferred(policy, drawn(count))
    assert (preference.shape, preference.dtype) == ((count,), np.float64)
    assert not np.isnan(preference).any()
    assert not np.isposinf(preference).any()


def test_the_same_seed_gives_the_same_preference(policy):
    np.testing.assert_array_equal(preferred(policy, drawn(50)), preferred(policy, drawn(50)))
    if is_random(policy):
        assert (preferred(policy, drawn(50)) != preferred(policy, drawn(50), seed=1)).any()


def test_the_order_of_candidates_does_not_matter_unless_the_policy_is_random(policy):
    scores = drawn(50)
    order = np.random.default_rng(1).permutation(50)
    shuffled = CandidateScores(*(array[order] for array in scores))
    if is_random(policy):  # rejection is not random
        rejected = np.isneginf(preferred(policy, scores))
        np.testing.assert_array_equal(np.isneginf(preferred(policy, shuffled)), rejected[order])
    else:
        np.testing.assert_array_equal(preferred(policy, shuffled), preferred(policy, scores)[order])


def test_scores_are_not_modified(policy):
    scores, before = drawn(50), drawn(50)
    preferred(policy, scores)
    for array, old in zip(scores, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_no_rejected_candidate_is_kept_and_none_is_kept_twice(policy):
    scores = drawn(50)
    rejected = np.flatnonzero(np.isneginf(preferred(policy, scores)))
    for drop_copies in (False, True):
        chosen = select(scores, 60, CLASSES, policy, np.random.default_rng(0), drop_copies=drop_copies)
        assert len(np.unique(chosen.kept)) == len(chosen.kept)
        assert not np.isin(rejected, chosen.kept).any()
        assert len(chosen.kept) + chosen.rejected.sum() == 50
        if drop_copies:
            assert not scores.near_copy[chosen.kept].any()


def test_no_class_keeps_more_than_requested(policy):
    chosen = select(drawn(50), 4, CLASSES, policy, np.random.default_rng(0), drop_copies=False)
    assert np.bincount(drawn(50).label[chosen.kept], minlength=CLASSES).max() <= 4


def test_a_policy_that_only_ranks_rejects_nothing(policy):
    rejects = any(np.isneginf(preferred(policy, drawn(50, seed))).any() for seed in range(5))
    assert not (policy.only_ranks and rejects)


def test_can_be_set_in_the_generate_section(policy):
    assert Generate(per_class=1, candidates_per_image=2.0, policy=describe(policy)).policy == policy


def test_a_policy_can_be_rebuilt_from_its_description_in_json(policy):
    assert build("synthesis.policies", json.loads(json.dumps(describe(policy)))) == policy


def test_an_unknown_option_is_an_error_that_names_it(policy):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("synthesis.policies", {**describe(policy), "no_such_option": 1})
