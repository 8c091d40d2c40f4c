"""How files and folders are written."""

import json

from ganaug.core.files import recreate_directory, write_json


def test_fresh_folder_is_empty(tmp_path):
    folder = recreate_directory(tmp_path / "a" / "b")
    (folder / "old.txt").write_text("old", encoding="utf-8")
    assert list(recreate_directory(folder).iterdir()) == []


def test_json_is_readable_for_people_and_keeps_its_order(tmp_path):
    write_json(tmp_path / "a.json", {"größe": [1], "a": None})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "größe": [\n    1\n  ],\n  "a": null\n}\n'
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"größe": [1], "a": None}
