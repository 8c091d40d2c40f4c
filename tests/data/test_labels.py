"""Labels and groups in the forms that people store them in."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.data.labels import class_labels, group_numbers


@pytest.mark.parametrize(
    ("values", "expected", "classes"),
    [
        ([7, -3, 7, 40], [1, 0, 1, 2], ("-3", "7", "40")),
        (np.array([7, -3], np.int8), [1, 0], ("-3", "7")),
        (np.array([2**63 + 5, 2**63], np.uint64), [1, 0], (str(2**63), str(2**63 + 5))),
        ([[1], [0]], [1, 0], ("0", "1")),
        ([1.0, 0.0], [1, 0], ("0", "1")),
        ([True, False], [1, 0], ("False", "True")),
        (["dog", "cat", "dog"], [1, 0, 1], ("cat", "dog")),
        (np.array([b"dog", b"cat"]), [1, 0], ("cat", "dog")),
        (np.array(["dog", "cat"], dtype=object), [1, 0], ("cat", "dog")),
        ([[0, 1, 0], [1, 0, 0]], [1, 0], ("0", "1", "2")),
        (np.array([[0, 1.0], [1, 0]]), [1, 0], ("0", "1")),
    ],
)
def test_labels_of_many_forms(values, expected, classes):
    labels, names = class_labels(np.asarray(values))
    assert labels.dtype == np.int64
    assert (labels.tolist(), names) == (expected, classes)


@pytest.mark.parametrize("values", [[2, 0, 1], [[0, 0, 1], [1, 0, 0], [0, 1, 0]], ["z", "x", "y"], [2.0, 0.0, 1.0]])
def test_class_names_are_indexed_by_labels(values):
    labels, names = class_labels(np.asarray(values), ["x", "y", "z"])
    assert (labels.tolist(), names) == ([2, 0, 1], ("x", "y", "z"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.5, 1.0], "whole numbers"),
        ([np.nan, 1.0], "NaN"),
        ([1j, 2j], "not complex128"),
        (np.zeros((2, 2, 2), int), r"not \(2, 2, 2\)"),
        ([[1, 1], [0, 1]], "images of several classes at once are not supported"),
        ([[0, 0], [0, 1]], "must be one-hot"),
        (["a", " "], "label 1 is an empty text"),
        (np.array(["a", 3], dtype=object), "not int, str"),
    ],
)
def test_labels_that_make_no_sense_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        class_labels(np.asarray(values))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 3], "labels range from 0 to 3, but there are 2 class names"),
        (["x", "w"], "labels 'w' are not among the class names"),
        ([[0, 1, 0]], "3 columns, but there are 2 class names"),
    ],
)
def test_labels_outside_of_the_class_names_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        class_labels(np.asarray(values), ["x", "y"])


@pytest.mark.parametrize(
    "values",
    [
        np.array([5.0, np.nan, 5.0, np.nan, 6.0]),
        np.array(["p", "", "p", "  ", "q"]),
        np.array(["p", None, "p", None, "q"], dtype=object),
    ],
)
def test_unknown_groups_are_groups_of_their_own(values):
    groups, unknown = group_numbers(values)
    assert unknown == 2
    assert groups[0] == groups[2]
    assert len(set(groups.tolist())) == 4
