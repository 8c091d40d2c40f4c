"""The contract of every attack on stand-ins; plug-ins are discovered automatically."""

import json
import warnings
from math import isfinite, isnan

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.core.plugins import available, build, describe, find
from ganaug.synthesis.attacks import Attack, Pairs

CLASSES, WIDTH = 3, 6


@pytest.fixture(params=available("synthesis.attacks"))
def attack(request) -> Attack:
    return find("synthesis.attacks", request.param).small()


def images(labels: np.ndarray, seed: int) -> np.ndarray:
    """Return images of classes that differ from each other."""
    noise = np.random.default_rng(seed).normal(size=(len(labels), WIDTH))
    return (100 + 20 * noise + 60 * np.eye(CLASSES, WIDTH)[labels]).astype(np.float32)


def drawn(count: int) -> Pairs:
    """Return new images of the class as stand-ins, for training images in groups of three."""
    labels = np.arange(count) % CLASSES
    groups = np.arange(count) // (3 * CLASSES) * CLASSES + labels
    return Pairs(images(labels, 0), labels, np.arange(count), images(labels, 1), labels, groups)


def with_stand_ins(pairs: Pairs, stand_ins: np.ndarray) -> Pairs:
    return pairs._replace(stand_ins=stand_ins)


def persons(count: int) -> Pairs:
    """Return copies of training images that are alike within a group."""
    pairs = drawn(count)
    of_group = images(np.zeros(count, np.int64), 2)[pairs.train_groups]
    train = (of_group + pairs.train / 20).astype(np.float32)
    return pairs._replace(train=train, stand_ins=train)


def test_describes_itself(attack):
    assert isinstance(attack, Attack)
    assert type(attack).__doc__


def test_stand_ins_that_have_nothing_of_their_sources_are_at_chance(attack):
    assert attack(drawn(1200)) == pytest.approx(0.5, abs=0.03)


def test_copies_of_persons_images_are_found(attack):
    assert attack(persons(180)) > 0.9


def test_stand_ins_of_another_class_are_compared_with_images_of_their_sources(attack):
    pairs = persons(180)
    assert attack(pairs._replace(labels=(pairs.labels + 1) % CLASSES)) > 0.9


def test_prints_and_warns_nothing(attack, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        attack(drawn(90))
    assert capsys.readouterr() == ("", "")


def test_the_order_of_images_does_not_matter(attack):
    pairs, rng = persons(90), np.random.default_rng(3)
    pairs = with_stand_ins(pairs, pairs.stand_ins + rng.normal(size=pairs.stand_ins.shape).astype(np.float32))
    rows, places = rng.permutation(90), rng.permutation(90)
    shuffled = pairs.subset(rows)
    shuffled = Pairs(
        shuffled.stand_ins,
        shuffled.labels,
        np.argsort(places)[shuffled.sources],
        *(array[places] for array in pairs[3:]),
    )
    assert attack(shuffled) == pytest.approx(attack(pairs), abs=1e-6)


def test_images_are_not_modified(attack):
    pairs = drawn(90)
    before = [array.copy() for array in pairs]
    attack(pairs)
    for array, old in zip(pairs, before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize("count", range(5))
def test_few_images_raise_and_warn_nothing(attack, count):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        value = attack(drawn(count))
    assert type(value) is float
    assert isnan(value) or 0 <= value <= 1


def test_identical_images_reveal_nothing(attack):
    pairs = drawn(90)
    same = np.ones_like(pairs.train)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert attack(pairs._replace(train=same, stand_ins=same)) == pytest.approx(0.5)


def test_works_with_fewer_images_than_pixels(attack):
    pairs, rng = drawn(18), np.random.default_rng(0)
    train, stand_ins = rng.uniform(0, 255, (2, 18, 200)).astype(np.float32)
    assert isfinite(attack(pairs._replace(train=train, stand_ins=stand_ins)))


def test_an_attack_can_be_rebuilt_from_its_description_in_json(attack):
    assert build("synthesis.attacks", json.loads(json.dumps(describe(attack)))) == attack


def test_an_unknown_option_is_an_error_that_names_it(attack):
    with pytest.raises(ValidationError, match="no_such_option"):
        build("synthesis.attacks", {**describe(attack), "no_such_option": 1})
