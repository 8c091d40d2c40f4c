"""Runs in MLflow: found by key, nested in their configuration's."""

import shutil

import pytest
from mlflow.utils.validation import _validate_param_name
from mlflow_project import configuration, labelled, store

from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.report.tracking import flat, forgiving


def test_runs_are_found_again_by_key_and_nest_in_one_parent(paths):
    first = store(paths)
    parent = first.parent()
    child = first.run("gan 0", parent)
    again = store(paths)
    assert again.parent() == parent
    assert again.run("gan 0", parent) == child
    assert first.client.get_run(child).data.tags["mlflow.parentRunId"] == parent
    params = first.client.get_run(parent).data.params
    assert params["train_gan.objective.name"] == "hinge"
    assert params["seed"] == "0"


def test_another_parameter_or_other_data_is_another_configuration(paths):
    first = configuration(paths).key
    assert configuration(paths).key == first
    text = paths.params.read_text()
    paths.params.write_text(text.replace("seed: 0", "seed: 1"))
    assert configuration(paths).key != first
    paths.params.write_text(text)
    labelled("y").save(paths.test)
    assert configuration(paths).key != first


def test_database_and_artifacts_lie_in_the_project(paths):
    found = store(paths)
    run = found.parent()
    (paths.root / "note.txt").write_text("note")
    found.client.log_artifact(run, str(paths.root / "note.txt"))
    assert paths.mlflow_database.exists()
    assert list(paths.mlflow_artifacts.rglob("note.txt"))


def test_a_project_that_was_moved_does_not_write_to_its_old_place(paths, tmp_path, capsys):
    store(paths).parent()
    moved = Paths(tmp_path / "elsewhere")
    shutil.copytree(paths.root, moved.root, ignore=shutil.ignore_patterns("elsewhere"))
    with pytest.raises(InputError, match=r"but the project is in .*elsewhere now; move the project back, or remove"):
        store(moved)
    with forgiving("results"):
        store(moved)
    assert "warning: " in capsys.readouterr().out


def test_names_are_written_so_that_mlflow_takes_them_and_none_becomes_another():
    names = ["C++", "C__", "C:2b:+", "猫", "犬", "a/b", "a//b", "../up", "cat (tabby)", "long" * 100, "long" * 101, "é"]
    found = flat({"labelled_per_class": dict.fromkeys(names, 5)})
    assert len(found) == len(names)
    assert "labelled_per_class.:732b:" in found
    for name in found:
        _validate_param_name(name)
