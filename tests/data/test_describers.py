"""Attributes that each describer finds in a text."""

import pytest

from ganaug.core.errors import InputError
from ganaug.data.describers.attributes import Attributes
from ganaug.data.describers.bag_of_words import BagOfWords

TEXTS = ["side=left, age=0.5, thick=yes", "side=right, age=-1, thick=yes", "", "side=left, age=0.25"]


def test_a_bag_holds_the_words_of_two_texts_or_more():
    texts = ["A thin, left three", "a THICK left three", "thin right", "unique"]
    describer = BagOfWords()
    names = describer.fit(texts)
    assert names == ("left", "thin", "three")
    assert describer.vectors(["left left thick", "three thin"], names).tolist() == [[1, 0, 0], [0, 1, 1]]
    assert describer.unknown("thick left", names) == ["thick"]
    assert BagOfWords(min_texts=1, max_words=2).fit(texts) == ("left", "thin")  # in two texts, first by name


def test_numbers_that_a_gan_cannot_bear_are_refused():
    describer = Attributes()
    with pytest.raises(InputError, match=r"age is 61 in a text; rescale it to about -1 to 1 \(10 at most\)"):
        describer.fit(["age=61", "age=0.5"])
    assert describer.vectors(["age=1e300", "age=-10"], ["age"]).tolist() == [[0], [-10]]
    assert describer.unknown("age=61", ["age"]) == ["age=61"]


def test_numbers_stay_numbers_and_other_values_become_attributes():
    describer = Attributes()
    names = describer.fit(TEXTS)
    assert names == ("age", "side=left", "side=right", "thick=yes")
    assert describer.vectors(TEXTS, names).tolist() == [[0.5, 1, 0, 1], [-1, 0, 1, 1], [0, 0, 0, 0], [0.25, 1, 0, 0]]
    assert describer.vectors(["thick, age=2, side=up"], names).tolist() == [[2, 0, 0, 1]]
    assert describer.unknown("thick, age=old, side=up, age=3", names) == ["age=old", "side=up"]
    assert describer.fit(["size=1", "size=big"]) == ("size=1", "size=big")
