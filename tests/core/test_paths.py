"""Predictions and tables on their way to disk and back."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.core.files import read_json, read_rows, write_rows
from ganaug.experiment.predictions import Predictions


def test_predictions_load_as_they_were_saved(tmp_path):
    saved = Predictions(np.eye(3, dtype=np.float32)[None], np.ones((1, 2, 3), np.float32))
    saved.save(tmp_path / "arm" / "0")
    loaded = Predictions.load(tmp_path / "arm" / "0")
    np.testing.assert_array_equal(loaded.val, saved.val)
    np.testing.assert_array_equal(loaded.test, saved.test)


def test_missing_predictions_name_the_folder_and_the_remedy(tmp_path):
    with pytest.raises(InputError, match=f"{tmp_path}: predictions cannot be read .*; run `dvc repro` to make them"):
        Predictions.load(tmp_path)


def test_rows_are_written_plainly(tmp_path):
    write_rows(tmp_path / "rows.csv", [{"step": 1, "loss": 0.5}, {"step": 100, "loss": 1 / 3}])
    assert (tmp_path / "rows.csv").read_bytes() == b"step,loss\n1,0.5\n100,0.333333\n"


def test_rows_load_as_they_were_written(tmp_path):
    rows = [{"step": 10.0, "loss": -0.25}, {"step": 20.0, "loss": 0.0}]
    write_rows(tmp_path / "rows.csv", rows)
    assert read_rows(tmp_path / "rows.csv") == rows


@pytest.mark.parametrize("read", [read_rows, read_json])
def test_a_missing_result_names_the_remedy(tmp_path, read):
    with pytest.raises(InputError, match=f"^{tmp_path / 'result'}: not there yet; run `dvc repro`$"):
        read(tmp_path / "result")
