"""Saving and loading predictions."""

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.experiment.arms.predictions import Predictions


def test_predictions_load_as_they_were_saved(tmp_path):
    saved = Predictions(np.eye(3, dtype=np.float32)[None], np.ones((1, 2, 3), np.float32))
    saved.save(tmp_path / "arm" / "0")
    loaded = Predictions.load(tmp_path / "arm" / "0")
    np.testing.assert_array_equal(loaded.val, saved.val)
    np.testing.assert_array_equal(loaded.test, saved.test)


def test_missing_predictions_name_the_folder_and_the_remedy(tmp_path):
    with pytest.raises(InputError, match=f"{tmp_path}: predictions cannot be read .*; run `dvc repro` to create them"):
        Predictions.load(tmp_path)
