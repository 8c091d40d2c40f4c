"""How files and folders are written and read."""

import json

import pytest

from ganaug.core.errors import InputError
from ganaug.core.files import read_json, read_rows, recreate_directory, write_json, write_rows


def test_a_recreated_directory_is_empty(tmp_path):
    folder = recreate_directory(tmp_path / "a" / "b")
    (folder / "old.txt").write_text("old", encoding="utf-8")
    assert list(recreate_directory(folder).iterdir()) == []


def test_json_is_readable_for_people_and_keeps_its_order(tmp_path):
    write_json(tmp_path / "a.json", {"größe": [1], "a": None})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "größe": [\n    1\n  ],\n  "a": null\n}\n'
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"größe": [1], "a": None}


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
