"""Rows that stay in a file until they are used."""

import io

import numpy as np
import pytest

from ganaug.core import rows
from ganaug.core.rows import SelectedRows, chunks, save_rows, select

WHOLE = np.arange(10 * 6, dtype=np.uint8).reshape(10, 2, 3)


@pytest.fixture
def on_disk(tmp_path):
    np.save(tmp_path / "whole.npy", WHOLE)
    return np.load(tmp_path / "whole.npy", mmap_mode="r")


def test_rows_of_an_array_are_copied_and_rows_of_a_file_stay_there(on_disk):
    assert isinstance(select(WHOLE, np.array([3, 1])), np.ndarray)
    selected = select(on_disk, np.array([3, 1, 8, 3]))
    assert isinstance(selected, SelectedRows)
    assert selected.whole is on_disk


def test_selected_rows_answer_like_the_array_of_these_rows(on_disk):
    numbers = np.array([3, 1, 8, 3])
    selected, expected = select(on_disk, numbers), WHOLE[numbers]
    assert (len(selected), selected.shape, selected.ndim, selected.dtype) == (4, (4, 2, 3), 3, np.uint8)
    for key in (2, -1, slice(1, 3), slice(None), np.array([0, 3, 0]), expected[:, 0, 0] > 20):
        np.testing.assert_array_equal(selected[key], expected[key])
    np.testing.assert_array_equal(np.asarray(selected), expected)
    np.testing.assert_array_equal(np.array(selected, dtype=float), expected)
    with pytest.raises(IndexError):
        selected[4]


def test_rows_of_rows_refer_to_the_file(on_disk):
    twice = select(select(on_disk, np.array([9, 4, 2, 0])), np.array([2, 0]))
    assert twice.whole is on_disk
    assert twice.numbers.tolist() == [2, 9]


@pytest.mark.parametrize("limit", [1, 6, 17, 18, 10_000])
def test_chunks_are_all_rows_in_order(monkeypatch, on_disk, limit):
    monkeypatch.setattr(rows, "CHUNK_BYTES", limit)
    found = list(chunks(select(on_disk, np.arange(10)[::-1])))
    assert max(chunk.nbytes for chunk in found) <= max(limit, 6)
    np.testing.assert_array_equal(np.concatenate(found), WHOLE[::-1])


@pytest.mark.parametrize("array", [WHOLE, WHOLE[:0], WHOLE.transpose(0, 2, 1), WHOLE.astype(np.float64)[:, 0, 0]])
def test_a_saved_file_has_the_bytes_of_numpys(tmp_path, monkeypatch, array):
    monkeypatch.setattr(rows, "CHUNK_BYTES", 20)
    expected = io.BytesIO()
    np.save(expected, np.ascontiguousarray(array))
    save_rows(tmp_path / "saved.npy", array)
    assert (tmp_path / "saved.npy").read_bytes() == expected.getvalue()
