"""What every metric promises; plug-ins are found by themselves."""

import json
import warnings
from math import isfinite

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.core.plugins import available, build, describe
from ganaug.synthesis.metrics import Compared, Metric

CLASSES, WIDTH = 3, 6


@pytest.fixture(params=available("synthesis.metrics"))
def metric(request) -> Metric:
    return build("synthesis.metrics", {"name": request.param})


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features and labels of images of three classes."""
    labels = np.arange(count) % CLASSES
    return np.random.default_rng(seed).normal(size=(count, WIDTH)) + 4 * np.eye(CLASSES, WIDTH)[labels], labels


@pytest.fixture
def honest() -> Compared:
    """Return three sets of images of one kind."""
    return Compared(*drawn(90, 0), *drawn(60, 1), *drawn(75, 2))


def instead(compared: Compared, images: np.ndarray, labels: np.ndarray) -> Compared:
    return compared._replace(synthetic=images, synthetic_labels=labels)


def test_says_what_is_good(metric):
    assert isinstance(metric, Metric)
    assert metric.better in ("high", "low", "none")
    assert metric.ideal is None or isfinite(metric.ideal)
    assert type(metric).__doc__


def test_is_a_finite_number_on_ordinary_images(metric, honest):
    value = metric(honest)
    assert type(value) is float
    assert isfinite(value)


def test_says_nothing_on_the_terminal(metric, honest, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric(honest)
    assert capsys.readouterr() == ("", "")


def test_order_of_images_plays_no_part(metric, honest):
    rng = np.random.default_rng(3)
    orders = [rng.permutation(len(images)) for images in honest[::2]]
    shuffled = Compared(*(array[orders[place // 2]] for place, array in enumerate(honest)))
    assert metric(shuffled) == pytest.approx(metric(honest), rel=1e-9, abs=1e-9)


def test_images_are_left_as_they_were(metric, honest):
    before = [array.copy() for array in honest]
    metric(honest)
    for array, old in zip(honest, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_real_images_are_at_least_as_good_as_noise(metric, honest):
    real = metric(instead(honest, honest.held_out, honest.held_out_labels))
    noise = 10 * np.random.default_rng(4).normal(size=(75, WIDTH))
    around, beside = (metric(instead(honest, one, honest.held_out_labels)) for one in (noise, noise + 100))
    if metric.better == "high":
        assert real >= around  # recall takes noise around real images for variety
        assert real > beside
    elif metric.better == "low":
        assert real < min(around, beside)


def test_an_honest_generator_is_near_the_ideal(metric):
    if metric.ideal is not None:
        many = Compared(*drawn(3000, 0), *drawn(1500, 1), *drawn(1500, 2))
        assert metric(many) == pytest.approx(metric.ideal, abs=0.1)


def test_what_neither_end_of_is_good_sees_copies(metric, honest):
    if metric.better == "none":
        copies = metric(instead(honest, honest.train, honest.train_labels))
        assert abs(copies - metric(honest)) > 0.2


def test_works_class_by_class(metric, honest):
    for label in range(CLASSES):
        assert isfinite(metric(honest.of_class(label)))


@pytest.mark.parametrize("counts", [(n, m, k) for n in (0, 1, 2) for m in (0, 1, 2) for k in (0, 1, 2)])
def test_few_images_raise_and_print_nothing(metric, counts):
    few = Compared(*(part for seed, count in enumerate(counts) for part in drawn(count, seed)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert type(metric(few)) is float
        for label in range(CLASSES):
            assert type(metric(few.of_class(label))) is float


def test_images_that_are_all_the_same_raise_nothing(metric, honest):
    alike = Compared(*(np.ones_like(array) for array in honest))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert type(metric(alike)) is float


def test_fewer_images_than_features_are_no_obstacle(metric):
    rng = np.random.default_rng(0)
    sets = [(rng.normal(size=(count, 200)), np.zeros(count, np.int64)) for count in (12, 10, 8)]
    assert isfinite(metric(Compared(*(part for one in sets for part in one))))


def test_described_metric_builds_again_also_by_way_of_json(metric):
    assert build("synthesis.metrics", json.loads(json.dumps(describe(metric)))) == metric


def test_misspelt_option_is_an_error_that_names_it(metric):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("synthesis.metrics", {**describe(metric), "no_such_option": 1})
