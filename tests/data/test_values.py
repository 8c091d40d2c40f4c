"""Choosing the values that become black and white."""

import numpy as np
import pytest
from pydantic import ValidationError

from ganaug.core import rows
from ganaug.core.errors import InputError
from ganaug.core.plugins import from_data
from ganaug.data.values import Percentiles, Range, range_of_percentiles, range_of_type, to_levels


@pytest.mark.parametrize(
    ("kind", "found", "expected"),
    [
        ("uint8", (3, 5), (0, 255)),  # dark images stay dark
        ("uint16", (0, 65535), (0, 65535)),
        ("uint16", (1000, 18000), (0, 65535)),  # 17000 / 65535 · 255 = 66 levels
        ("float32", (0, 1), (0, 1)),
        ("bool", (0, 1), (0, 1)),
    ],
)
def test_types_have_their_usual_range(kind, found, expected):
    assert range_of_type(kind, Range(*found)) == expected


@pytest.mark.parametrize(
    ("kind", "found"),
    [("uint16", (0, 4095)), ("uint16", (0, 255)), ("int32", (0, 255)), ("float32", (-1, 1)), ("float64", (0, 0.1))],
)
def test_a_range_that_was_probably_not_meant_is_refused_with_the_remedy(kind, found):
    with pytest.raises(InputError) as caught:
        range_of_type(kind, Range(*found))
    assert f"of type {kind}, with values from {found[0]:g} to {found[1]:g}" in str(caught.value)
    assert f"[{found[0]:g}, {found[1]:g}]" in str(caught.value)


def test_percentiles_are_those_of_all_values(monkeypatch):
    monkeypatch.setattr(rows, "CHUNK_BYTES", 1000)
    values = np.random.default_rng(0).normal(50, 20, (40, 3, 8, 8)).astype(np.float32)
    low, high = range_of_percentiles(values, (5, 90))
    np.testing.assert_allclose((low, high), np.percentile(values, (5, 90)), atol=0.05)


def test_padding_does_not_count_among_percentiles():
    values = np.linspace(0, 100, 1001, dtype=np.float32).repeat(2)
    values[1::2] = np.nan
    low, high = range_of_percentiles(values.reshape(2, 1001), (10, 90))
    np.testing.assert_allclose((low, high), (10, 90), atol=0.2)


def test_percentiles_that_are_the_same_value_are_refused():
    values = np.zeros((4, 100), np.float32)
    values[0, 0] = 1
    with pytest.raises(InputError, match="both percentiles are 0"):
        range_of_percentiles(values, (10, 90))


@pytest.mark.parametrize("percentiles", [[5, 5], [90, 10], [-1, 50], [0, 101], [5]])
def test_impossible_percentiles_are_refused(percentiles):
    with pytest.raises((InputError, ValidationError)):
        from_data(Percentiles, {"percentiles": percentiles})


def test_values_become_levels_between_black_and_white(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "CHUNK_BYTES", 100)
    values = np.array([-5, 0, 1, 2, 4, 9, np.nan, 3], np.float32).reshape(8, 1, 1, 1).repeat(2, axis=3)
    levels = to_levels(values, Range(0, 4), np.array([77], np.uint8), tmp_path / "levels.npy")
    # 255 / 4 = 63.75 per unit: 63.75 → 64, 127.5 → 128, 191.25 → 191
    assert np.asarray(levels)[:, 0, 0, 0].tolist() == [0, 0, 64, 128, 255, 255, 77, 191]
    assert levels.dtype == np.uint8
