"""The contract of every describer; plug-ins are discovered automatically."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.core.plugins import available, build, describe, find

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
    assert all(part in "colour=green" for part in describer.unknown("colour=green", names))


def test_texts_without_content_are_refused(describer):
    with pytest.raises(InputError):
        describer.fit(["", " , "])


def test_a_describer_can_be_rebuilt_from_its_description(describer):
    assert build("data.describers", describe(describer)) == describer
