"""Reading and writing JSON, CSV and folders."""

import json

import pytest

from ganaug.core.errors import InputError
from ganaug.core.files import read_json, read_rows, recreate_directory, write_json, write_rows


def test_recreated_directory_is_empty(tmp_path):
    folder = recreate_directory(tmp_path / "a" / "b")
    (folder / "old.txt").write_text("old", encoding="utf-8")
    assert list(recreate_directory(folder).iterdir()) == []


def test_json_is_indented_utf8_in_the_given_order(tmp_path):
    write_json(tmp_path / "a.json", {"größe": [1], "a": None})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "größe": [\n    1\n  ],\n  "a": null\n}\n'
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"größe": [1], "a": None}


def test_rows_are_written_without_trailing_zeros(tmp_path):
    write_rows(tmp_path / "rows.csv", [{"step": 1, "loss": 0.5}, {"step": 100, "loss": 1 / 3}])
    assert (tmp_path / "rows.csv").read_bytes() == b"step,loss\n1,0.5\n100,0.333333\n"


def test_rows_survive_a_round_trip(tmp_path):
    rows = [{"step": 10.0, "loss": -0.25}, {"step": 20.0, "loss": 0.0}]
    write_rows(tmp_path / "rows.csv", rows)
    assert read_rows(tmp_path / "rows.csv") == rows


@pytest.mark.parametrize("read", [read_rows, read_json])
def test_missing_file_is_reported_with_the_remedy(tmp_path, read):
    with pytest.raises(InputError, match=f"^{tmp_path / 'result'}: does not exist yet; run `dvc repro`$"):
        read(tmp_path / "result")


def test_invalid_json_is_reported_with_the_remedy(tmp_path):
    (tmp_path / "result").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"result: not valid JSON \(.*\); delete it and run `dvc repro`$"):
        read_json(tmp_path / "result")
