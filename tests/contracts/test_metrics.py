"""The contract of every metric of synthetic sets; plug-ins are discovered automatically."""

import json
import warnings
from math import isfinite

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.core.plugins import available, build, describe, find
from ganaug.synthesis.metrics import Compared, Metric

CLASSES, WIDTH = 3, 6


@pytest.fixture(params=available("synthesis.metrics"))
def metric(request) -> Metric:
    return find("synthesis.metrics", request.param).small()


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features and labels of images of three classes."""
    labels = np.arange(count) % CLASSES
    return np.random.default_rng(seed).normal(size=(count, WIDTH)) + 4 * np.eye(CLASSES, WIDTH)[labels], labels


@pytest.fixture
def perfect() -> Compared:
    """Return three sets of images from one distribution, as if the generator were perfect."""
    return Compared(*drawn(90, 0), *drawn(60, 1), *drawn(75, 2))


def with_synthetic(compared: Compared, images: np.ndarray, labels: np.ndarray) -> Compared:
    return compared._replace(synthetic=images, synthetic_labels=labels)


def test_declares_its_direction_and_ideal_and_describes_itself(metric):
    assert isinstance(metric, Metric)
    assert metric.better in ("high", "low", "none")
    assert metric.ideal is None or isfinite(metric.ideal)
    assert type(metric).__doc__


def test_is_a_finite_number_on_ordinary_images(metric, perfect):
    value = metric(perfect)
    assert type(value) is float
    assert isfinite(value)


def test_prints_and_warns_nothing(metric, perfect, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric(perfect)
    assert capsys.readouterr() == ("", "")


def test_the_order_of_images_does_not_matter(metric, perfect):
    rng = np.random.default_rng(3)
    orders = [rng.permutation(len(images)) for images in perfect[::2]]
    shuffled = Compared(*(array[orders[index // 2]] for index, array in enumerate(perfect)))
    assert metric(shuffled) == pytest.approx(metric(perfect), rel=1e-9, abs=1e-9)


def test_images_are_not_modified(metric, perfect):
    before = [array.copy() for array in perfect]
    metric(perfect)
    for array, old in zip(perfect, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_pixels_as_bytes_give_the_same_as_floats(metric, perfect):
    if metric.sees == "pixels":
        whole = [np.clip(128 + 20 * part, 0, 255).round() if part.ndim == 2 else part for part in perfect]
        as_bytes = [part.astype(np.uint8) if part.ndim == 2 else part for part in whole]
        assert metric(Compared(*as_bytes)) == metric(Compared(*whole))


def assert_real_images_beat_noise(metric: Metric, sets: Compared, centre: float) -> None:
    """Compare new real images with noise of ten times their scale."""
    new = with_synthetic(sets, *drawn(75, 5))
    noise = centre + 10 * np.random.default_rng(4).normal(size=(75, WIDTH))
    real, noisy = metric(new), metric(with_synthetic(sets, noise, sets.held_out_labels))
    if metric.better == "high":
        assert real > noisy
    elif metric.better == "low":
        assert real < noisy


def test_real_images_beat_noise_around_them(metric, perfect):
    assert_real_images_beat_noise(metric, perfect, centre=0)


def test_real_images_beat_noise_far_from_them(metric, perfect):
    assert_real_images_beat_noise(metric, perfect, centre=100)


def test_a_perfect_generator_is_near_the_ideal(metric):
    if metric.ideal is not None:
        many = Compared(*drawn(3000, 0), *drawn(1500, 1), *drawn(1500, 2))
        assert metric(many) == pytest.approx(metric.ideal, abs=0.1)


def test_metrics_without_a_direction_detect_copies(metric, perfect):
    if metric.better == "none":
        copies = metric(with_synthetic(perfect, perfect.train, perfect.train_labels))
        assert abs(copies - metric(perfect)) > 0.2


def test_works_for_single_classes(metric, perfect):
    for label in range(CLASSES):
        assert isfinite(metric(perfect.of_class(label)))


@pytest.mark.parametrize("counts", [(n, m, k) for n in (0, 1, 2) for m in (0, 1, 2) for k in (0, 1, 2)])
def test_few_images_raise_and_warn_nothing(metric, counts):
    few = Compared(*(part for seed, count in enumerate(counts) for part in drawn(count, seed)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert type(metric(few)) is float
        for label in range(CLASSES):
            assert type(metric(few.of_class(label))) is float


def test_identical_images_raise_and_warn_nothing(metric, perfect):
    identical = Compared(*(np.ones_like(array) for array in perfect))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert type(metric(identical)) is float


def test_works_with_fewer_images_than_features(metric):
    rng = np.random.default_rng(0)
    sets = [(rng.normal(size=(count, 200)), np.zeros(count, np.int64)) for count in (12, 10, 8)]
    assert isfinite(metric(Compared(*(part for one in sets for part in one))))


def test_a_metric_can_be_rebuilt_from_its_description_in_json(metric):
    assert build("synthesis.metrics", json.loads(json.dumps(describe(metric)))) == metric


def test_an_unknown_option_is_an_error_that_names_it(metric):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("synthesis.metrics", {**describe(metric), "no_such_option": 1})
