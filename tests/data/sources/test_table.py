"""A Parquet table, which needs an optional library; test_odd_inputs.py has other tables."""

import sys

import numpy as np
import pytest
from data_forms import save

from ganaug.core.errors import InputError
from ganaug.data.sources.table import Table


@pytest.fixture
def folder(tmp_path):
    """Three images, and a table that names their classes."""
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    for name in "abc":
        save(tmp_path / f"{name}.png", np.full((4, 4), ord(name), np.uint8))
    rows = {"image": ["c.png", "a.png", "b.png"], "label": ["dog", "cat", "dog"], "weight": [0.5, 1.0, 2.0]}
    pandas.DataFrame(rows).to_parquet(tmp_path / "labels.parquet")
    return tmp_path


def test_parquet_is_read_in_its_order(folder):
    found = Table(file="labels.parquet", image="image", label="label").load(folder)
    assert list(found.labels) == [1, 0, 1]
    assert found.classes == ("cat", "dog")
    assert [name.rpartition("/")[2] for name in found.names] == ["c.png", "a.png", "b.png"]


def test_a_missing_library_is_reported_with_its_extra(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pyarrow is not installed; install it with: pip install 'ganaug\[parquet\]'"):
        Table(file="labels.parquet", image="image", label="label").load(folder)
