"""dvc.lock is written with libyaml while stages run side by side, and is what DVC itself would have written."""

from pathlib import Path

import pytest
from dvc import dvcfile
from dvc.repo import Repo
from ruamel.yaml import YAML
from small_pipeline import make_pipeline, write_stages

from ganaug.runner.graph import open_project
from ganaug.runner.lock_file import quick_lock_file

PARAMS = """threads: 1
train_gan: {steps: 3, size: null, learning_rate: 1.0e-05, betas: &betas [0.0, 0.99], other: *betas, name: "12"}
evaluate: {text: "two lines:\\n  and a colon: \\nthe end", empty: {}, none: [], wide: %s}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in the current folder, two of whose stages have parameters of all kinds."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(PARAMS % ("long " * 50))
    make_pipeline(Path())
    write_stages(Path(), **{name: {"params": ["threads", "train_gan", "evaluate"]} for name in ("left", "right")})
    return tmp_path


def locked() -> str:
    return Path("dvc.lock").read_text(encoding="utf-8")


def test_the_file_is_that_of_dvc_in_the_end_and_has_the_same_content_meanwhile(project):
    with open_project() as opened:
        opened.reproduce()
    expected, content = locked(), YAML(typ="safe").load(locked())
    Path("dvc.lock").unlink()
    with quick_lock_file(Path("dvc.lock")):
        with Repo() as repo:
            repo.reproduce()
        meanwhile = locked()
    times = [line for line in expected.splitlines() if "list.txt" in line]  # that stage's output is new every time
    assert times
    assert YAML(typ="safe").load(meanwhile).keys() == content.keys()
    for name in ("left", "right"):
        assert YAML(typ="safe").load(meanwhile)["stages"][name] == content["stages"][name]
        assert part(locked(), name) == part(expected, name)


def part(text: str, stage: str) -> list[str]:
    """Return the lines of one stage."""
    lines = text.splitlines()
    start = lines.index(f"  {stage}:")
    length = next((at for at, line in enumerate(lines[start + 1 :]) if not line.startswith("   ")), len(lines))
    return lines[start : start + 1 + length]


def test_dvcs_own_writer_is_back_afterwards_and_other_files_are_its_own(project):
    own = dvcfile.modify_yaml
    with pytest.raises(ZeroDivisionError), quick_lock_file(Path("dvc.lock")):
        with dvcfile.modify_yaml("dvc.yaml") as content:
            content["meta"] = "kept"
        assert YAML(typ="safe").load(Path("dvc.yaml"))["meta"] == "kept"
        with dvcfile.modify_yaml("dvc.lock") as content:
            content["schema"] = "2.0"
            1 / 0  # noqa: B018
    assert dvcfile.modify_yaml is own
    assert not Path("dvc.lock").exists()
