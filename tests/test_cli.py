"""The `ganaug` command."""

import json
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ganaug import cli
from ganaug.core.paths import Paths

ROOT = Path(__file__).parents[1]


@pytest.fixture
def ganaug(tmp_path, monkeypatch):
    """Return a function that runs a sub-command in a project with tiny parameters, and returns its exit status."""
    content = YAML(typ="safe").load(ROOT / "tests/tiny_params.yaml")
    (tmp_path / "data/raw").mkdir(parents=True)
    content["prepare"]["path"] = str(tmp_path / "data/raw")
    YAML().dump(content, tmp_path / "params.yaml")
    monkeypatch.setattr(cli, "HERE", Paths(tmp_path))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["ganaug", *arguments])
        try:
            cli.main()
        except SystemExit as end:
            return end.code
        return 0

    return run


def test_check_says_what_the_data_are_and_how_long_it_takes(ganaug, capsys):
    assert ganaug("check") == 0
    out = capsys.readouterr().out
    assert "class  training  validation  test" in out
    assert "all         899         179   719" in out
    assert "the whole run takes about" in out
    assert out.endswith("params.yaml is valid and fits the data\n")


def test_check_as_json_is_nothing_but_json(ganaug, capsys):
    assert ganaug("check", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pool"]["0"] == 89
    assert found["estimate"]["seconds"]["GANs"] > 0


def test_check_of_wrong_data_fails_with_the_message(ganaug, capsys, tmp_path):
    text = (tmp_path / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(text.replace("labelled_per_class: 5", "labelled_per_class: 500"))
    assert ganaug("check") == 1
    assert "but 500 are requested" in capsys.readouterr().err


def test_init_keeps_the_parameters_it_replaces(ganaug, capsys, tmp_path, monkeypatch):
    before = (tmp_path / "params.yaml").read_text()
    monkeypatch.setattr("ganaug.experiment.proposal.propose", lambda data, base: f"# for {data}\n")
    assert ganaug("init", "--data", "data/raw/mine") == 0
    assert (tmp_path / "params.yaml").read_text() == "# for data/raw/mine\n"
    assert (tmp_path / "params.before.yaml").read_text() == before
    assert "Read the new one, then: ganaug check" in capsys.readouterr().out


def test_init_that_fails_changes_nothing(ganaug, capsys, tmp_path):
    before = (tmp_path / "params.yaml").read_text()
    assert ganaug("init", "--data", str(tmp_path / "nowhere")) == 1
    assert (tmp_path / "params.yaml").read_text() == before
    assert "no such file or folder" in capsys.readouterr().err
