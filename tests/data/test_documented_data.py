"""Every example in docs/data.md reads the data that it describes."""

import json

import pytest
from data_forms import EXAMPLES, make

from ganaug.core.plugins import available, from_data
from ganaug.data.preparation import read_and_split
from ganaug.data.settings import Prepare

DEFAULTS = {"test": 0.25, "val": 0.25, "labelled_per_class": "all"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: json.dumps(example["source"])[:60])
def test_example_is_read(example, tmp_path, write_mnist):
    path = make(example, tmp_path, write_mnist)
    work = tmp_path / "work"
    work.mkdir()
    splits = read_and_split(from_data(Prepare, DEFAULTS | example | {"path": str(path)}), 0, work)
    assert sum(len(part) for part in (splits.pool, splits.val, splits.test)) >= 13
    assert len(splits.pool.classes) >= 2


def test_every_source_is_shown():
    assert {example["source"]["name"] for example in EXAMPLES} == set(available("data.sources"))
