"""`ganaug status`: which stages would run, and what has changed since they last ran."""

from pathlib import Path

import pytest
from small_pipeline import make_pipeline, write_stages

from ganaug.core.paths import Paths
from ganaug.runner import status
from ganaug.runner.changes import NEVER
from ganaug.runner.graph import open_project
from ganaug.runner.status import reasons

LIST = "code/right.txt"
CODE = "9a673209e3c1be5b  ganaug/core/files.py\n0b91f47fac27e738  ganaug/gan/ada.py\n2.4.6             numpy\n"
STAGES = {
    "left": {"params": ["threads", "train_gan"]},
    "right": {"deps": ["checked.txt", LIST]},
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that has been run, in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("threads: 1\ntrain_gan: {steps: 3, objective: {name: hinge}}\n")
    make_pipeline(Path())
    write_stages(Path(), **STAGES)
    Path("code").mkdir()
    Path(LIST).write_text(CODE)
    with open_project() as opened:
        opened.reproduce()
    return tmp_path


def changes(code: str = CODE) -> dict[str, list[str]]:
    with open_project() as opened:
        return opened.changes({LIST: code})


def test_nothing_has_changed(project):
    assert changes() == {}  # though one stage always runs


def test_a_parameter_has_its_old_and_its_new_value(project):
    Path("params.yaml").write_text("threads: 1\ntrain_gan: {steps: 4, objective: {}, seed: 5}\n")
    assert changes()["left"] == [
        *("train_gan.steps: 3 → 4", "train_gan.objective.name: hinge → (not set)"),
        *("train_gan.objective: (not set) → {}", "train_gan.seed: (not set) → 5"),
    ]


def test_code_that_has_changed_is_named_by_file_and_library(project):
    now = CODE.replace("0b91", "1b91").replace("2.4.6", "2.5.0").replace("core/files", "core/folders")
    with open_project() as opened:
        digest = next(one for one in opened._index.stages if one.addressing == "right").deps[1].hash_info.value
        cached = Path(opened._repo.cache.local.oid_to_path(digest))
    assert changes(now) == {"right": ["code (DVC's cache no longer has the list of the code that ran)"]}
    cached.parent.mkdir(parents=True, exist_ok=True)  # where `list_code` has its output
    cached.write_text(CODE)
    assert changes(now) == {
        "right": [
            "ganaug/core/files.py (no longer used)",
            "ganaug/gan/ada.py",
            "numpy 2.4.6 → 2.5.0",
            "ganaug/core/folders.py (new)",
        ]
    }
    Path(LIST).write_text("the list of another moment")  # written by `list_code` alone: no stage ran
    assert changes() == {}


def test_missing_and_changed_files_and_commands_are_named(project):
    Path("left.txt").write_text("by hand")
    Path("right.txt").unlink()
    write_stages(Path(), **STAGES | {"right": STAGES["right"] | {"cmd": "cp  checked.txt right.txt"}})
    assert changes() == {
        "left": ["left.txt, which the stage wrote"],
        "right": ["the command in dvc.yaml", "right.txt is missing"],
    }
    Path("checked.txt").unlink()
    assert changes()["left"] == ["checked.txt is missing", "left.txt, which the stage wrote"]


def test_a_stage_that_has_not_run_says_so(project):
    Path("dvc.lock").unlink()
    assert changes() == {"check": [NEVER], "left": [NEVER], "right": [NEVER]}


def test_the_time_of_an_arm_with_a_hyphen_in_its_name_counts(project, monkeypatch):
    one = {"matrix": {"arm": ["my-arm"], "r": [0]}, "cmd": "cp checked.txt ${item.arm}.txt", "deps": ["checked.txt"]}
    write_stages(Path(), **STAGES, train={**one, "outs": ["${item.arm}.txt"]})
    record = Paths().stage_seconds("train@my-arm@0")
    record.parent.mkdir(parents=True)
    record.write_text('{"seconds": 7.0}')
    monkeypatch.setattr(status, "code_lists", lambda *_: {"right": CODE})
    monkeypatch.setattr(status, "stage_names", lambda _: ["right", "train@my-arm@0"])
    result = status.read_status(Paths())
    assert (dict(result.changes), result.seconds) == ({"train@my-arm-0": [NEVER]}, 7.0)


def test_what_makes_the_same_stages_run_stands_together_and_stages_are_counted_by_family():
    found = reasons({"a@0": ["x", "y"], "a@1": ["y", "x"], "b": ["x", "y", "z"], "c": ["z"]})
    assert found == [(["x", "y"], {"a": 2, "b": 1}), (["z"], {"b": 1, "c": 1})]
