"""The variation of gains, and what more seeds bring."""

import json

import numpy as np
import pytest

from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.statistics.spread import Spread

ESTIMATE = Estimate(0.01, (0.0, 0.01, 0.02), replicate_variance=0.0003, test_variance=0.0001, unshared_variance=0.0002)
GAINS = np.array([[0.0, 0.02], [0.01, 0.03], [0.02, 0.04]])  # (R, S): the variance between seeds is 0.0002 in each


def test_more_seeds_divide_their_variance_by_hand():
    # two seeds add 0.0002 / 2 to the 0.0003 between replicates: one seed would add 0.0002, four 0.00005
    spread = Spread.of(ESTIMATE, GAINS)
    assert spread.seed_variance == pytest.approx(0.0002)
    one, two, four = (spread.with_seeds(seeds) for seeds in (1, 2, 4))
    assert one.replicate_variance == pytest.approx(0.0004)
    assert two == ESTIMATE
    assert four.replicate_variance == pytest.approx(0.00025)
    assert four.unshared_variance == pytest.approx(0.00015)
    assert four.test_variance == ESTIMATE.test_variance


def test_a_variance_cannot_fall_below_that_of_the_seeds():
    noisy = Spread(ESTIMATE._replace(replicate_variance=0.00001), 2, 0.0002)
    assert noisy.with_seeds(4).replicate_variance == pytest.approx(0.00005)


def test_one_seed_has_no_variance():
    assert Spread.of(ESTIMATE, GAINS[:, :1]).seed_variance is None


def test_what_more_seeds_bring_agrees_with_a_simulation():
    draws = np.random.default_rng(0)
    gains = 0.01 * draws.standard_normal((4000, 1)) + 0.02 * draws.standard_normal((4000, 2))
    means = gains.mean(1)
    estimate = Estimate(float(means.mean()), tuple(means), float(means.var(ddof=1)), 0.0)
    expected = 0.01**2 + 0.02**2 / 5
    assert Spread.of(estimate, gains).with_seeds(5).replicate_variance == pytest.approx(expected, rel=0.1)


def test_a_spread_survives_json():
    spread = Spread.of(ESTIMATE, GAINS)
    assert Spread.from_dict(json.loads(json.dumps(spread.as_dict(), allow_nan=False))) == spread
