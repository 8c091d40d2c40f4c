"""The contract of every metric of predictions; plug-ins are discovered automatically."""

import json
import warnings
from math import isfinite

import numpy as np
import pytest
from estimates import standard_error
from pydantic import ValidationError

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build, describe, find
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.statistics.clusters import stratum_weights
from ganaug.experiment.statistics.gains import estimate_metric_gain, per_image
from ganaug.experiment.statistics.jackknife import leave_out_blocks
from ganaug.experiment.statistics.measured import Measured

CLASSES = ("a", "b", "c")
OPTIONS = {"all": [None], "one": ["c"], "either": [None, "c"]}


def every_metric() -> dict[str, Metric]:
    """Return each metric by its key: for all classes, for the rarest class, or both."""
    kinds = [find("experiment.metrics", name) for name in available("experiment.metrics")]
    made = [kind(of_class=of_class) for kind in kinds for of_class in OPTIONS[kind.classes]]
    return {metric.key: metric for metric in made}


METRICS = every_metric()


@pytest.fixture(params=METRICS)
def metric(request) -> Metric:
    return METRICS[request.param]


def predicted(count=300, seed=0, skill=1.0) -> Predicted:
    """Return predictions of a classifier that is sometimes right; the last class is a tenth of the images."""
    randomness = np.random.default_rng(seed)
    labels = np.minimum(np.arange(count) * 10 // count // 4, 2)
    return Predicted(softmax(skill, labels, randomness), labels, CLASSES)


def softmax(skill, labels, randomness):
    powers = np.exp(skill * np.eye(3)[labels] + randomness.normal(size=(len(labels), 3)))
    return powers / powers.sum(1, keepdims=True)


def rows(given: Predicted, chosen) -> Predicted:
    return Predicted(given.probabilities[chosen], given.labels[chosen], given.classes)


def test_declares_its_direction_range_and_name(metric):
    assert isinstance(metric, Metric)
    assert metric.better in ("high", "low")
    assert metric.lowest < metric.highest
    assert isfinite(metric.largest_gain)
    assert metric.title.isascii()
    assert type(metric).__doc__


def test_is_a_number_in_its_range(metric):
    for skill in (0.0, 1.0, 100.0):
        value = metric(predicted(skill=skill))
        assert type(value) is float
        assert metric.lowest <= value <= metric.highest


def test_perfect_predictions_are_the_best(metric):
    labels = predicted().labels
    perfect = Predicted(np.eye(3)[labels], labels, CLASSES)
    assert metric(perfect) == pytest.approx(metric.highest if metric.better == "high" else metric.lowest)


def test_a_better_classifier_has_more_merit(metric):
    assert metric.merit(metric(predicted(3000, skill=3))) > metric.merit(metric(predicted(3000, skill=1)))


def test_the_order_of_images_does_not_matter(metric):
    given, order = predicted(), np.random.default_rng(1).permutation(300)
    assert metric(rows(given, order)) == pytest.approx(metric(given), abs=1e-12)
    values = metric.per_image(given)
    if values is not None:
        np.testing.assert_allclose(metric.per_image(rows(given, order)), values[order], atol=1e-9)


def test_predictions_are_not_modified(metric):
    given, before = predicted(), predicted()
    metric(given)
    metric.per_image(given)
    for array, old in zip(given[:2], before[:2], strict=True):
        np.testing.assert_array_equal(array, old)


def test_its_values_of_single_images_have_it_as_their_mean(metric):
    given = predicted()
    values = metric.per_image(given)
    if values is not None:
        weights = stratum_weights(metric.strata(given.labels, CLASSES))
        assert weights @ values == pytest.approx(metric(given), abs=1e-12)


def test_its_values_of_single_images_are_what_changes_without_them(metric):
    """The jackknife over images gives the same standard error within a tenth, to first order in 1/300."""
    given = predicted()
    values, strata = metric.per_image(given), metric.strata(given.labels, CLASSES)
    if values is not None:
        left_out = leave_out_blocks(metric, given, strata, np.arange(300))
        weights = stratum_weights(strata)
        one, other = (
            np.concatenate(
                [weights[own] * (each[own] - each[own].mean()) for own in strata == np.unique(strata)[:, None]]
            )
            for each in (values, left_out)
        )
        assert np.corrcoef(one, other)[0, 1] > 0.95
        assert np.linalg.norm(one) == pytest.approx(np.linalg.norm(other), rel=0.1)


def test_the_gain_is_the_difference_and_positive_where_the_classifier_is_better(metric):
    labels, randomness = predicted().labels, np.random.default_rng(2)
    good, bad = (
        Measured(np.array([[softmax(skill, labels, randomness)] for _ in range(3)]), labels, np.arange(300), CLASSES)
        for skill in (3, 0)
    )
    estimate = estimate_metric_gain(metric, per_image(metric, good), per_image(metric, bad))
    merits = [[metric.merit(value) for value in side.values(metric)] for side in (good, bad)]
    np.testing.assert_allclose(estimate.per_replicate, np.subtract(*merits), atol=1e-9)
    assert standard_error(estimate) > 0
    assert estimate.replicate_variance is not None


@pytest.mark.parametrize("seed", range(3))
def test_extreme_predictions_raise_and_warn_nothing(metric, seed):
    labels = np.array([0, 0, 1, 1, 2])
    extreme = [np.eye(3)[np.full(5, number)] for number in range(3)] + [np.full((5, 3), 1 / 3)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for probabilities in extreme:
            given = Predicted(np.roll(probabilities, seed, axis=1), labels, CLASSES)
            assert isfinite(metric(given))
            values = metric.per_image(given)
            assert values is None or np.isfinite(values).all()


def test_an_unknown_class_is_an_input_error_that_names_the_classes(metric):
    if metric.of_class is not None:
        with pytest.raises(InputError, match="of_class: unknown class 'c'; choose from: x, y"):
            metric.label_in(("x", "y"))


def test_a_class_is_missing_or_not_wanted(metric):
    kind = type(metric)
    if kind.classes == "one":
        with pytest.raises(ValidationError, match="name a class, such as of_class: faulty"):
            kind()
    if kind.classes == "all":
        with pytest.raises(ValidationError, match="remove of_class"):
            kind(of_class="c")


def test_can_be_set_in_the_evaluate_section(metric):
    assert Evaluate(metric=describe(metric)).metric == metric


def test_can_be_rebuilt_from_its_description_in_json(metric):
    assert build("experiment.metrics", json.loads(json.dumps(describe(metric)))) == metric


def test_an_unknown_option_is_an_error_that_names_it(metric):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("experiment.metrics", {**describe(metric), "no_such_option": 1})
