"""Describers: what every one of them does, and what each makes of a text."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, find
from ganaug.data.describers.attributes import Attributes
from ganaug.data.describers.bag_of_words import BagOfWords

TEXTS = ["side=left, age=0.5, thick=yes", "side=right, age=-1, thick=yes", "", "side=left, age=0.25"]


@pytest.fixture(params=available("data.describers"))
def describer(request):
    return find("data.describers", request.param).small()


def test_every_text_has_a_value_for_every_attribute_and_an_empty_one_has_none(describer):
    names = describer.fit(TEXTS)
    vectors = describer.vectors(TEXTS, names)
    assert len(set(names)) == len(names) > 0
    assert (vectors.shape, vectors.dtype) == ((4, len(names)), np.float32)
    assert not vectors[2].any()
    assert vectors[[0, 1, 3]].any(axis=1).all()
    assert vectors.any(axis=0).all()


def test_vectors_depend_on_their_own_text_only(describer):
    names = describer.fit(TEXTS)
    assert describer.fit(list(reversed(TEXTS))) == names
    vectors = describer.vectors(TEXTS, names)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_array_equal(describer.vectors([text], names)[0], vector)


def test_what_was_fitted_is_known_and_other_things_are_not(describer):
    names = describer.fit(TEXTS)
    assert describer.unknown(TEXTS[0], names) == []
    assert describer.unknown("colour=green", names) != []


def test_texts_without_content_are_refused(describer):
    with pytest.raises(InputError):
        describer.fit(["", " , "])


def test_a_bag_holds_the_words_of_two_texts_or_more():
    texts = ["A thin, left three", "a THICK left three", "thin right", "unique"]
    describer = BagOfWords()
    names = describer.fit(texts)
    assert names == ("left", "thin", "three")
    assert describer.vectors(["left left thick", "three thin"], names).tolist() == [[1, 0, 0], [0, 1, 1]]
    assert describer.unknown("thick left", names) == ["thick"]
    assert BagOfWords(min_texts=1, max_words=2).fit(texts) == ("left", "thin")  # in two texts, first by name


def test_numbers_stay_numbers_and_other_values_become_attributes():
    describer = Attributes()
    names = describer.fit(TEXTS)
    assert names == ("age", "side=left", "side=right", "thick=yes")
    assert describer.vectors(TEXTS, names).tolist() == [[0.5, 1, 0, 1], [-1, 0, 1, 1], [0, 0, 0, 0], [0.25, 1, 0, 0]]
    assert describer.vectors(["thick, age=2, side=up"], names).tolist() == [[2, 0, 0, 1]]
    assert describer.unknown("thick, age=old, side=up, age=3", names) == ["age=old", "side=up"]
    assert describer.fit(["size=1", "size=big"]) == ("size=1", "size=big")
