"""Runs in MLflow are found by key, and nested in their configuration's run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow.utils.validation import _validate_param_name
from mlflow_project import configuration, labelled, store

from ganaug.core.errors import InputError
from ganaug.core.paths import Paths
from ganaug.data.images import LabelledImages
from ganaug.report.mlflow.runs.configuration import _per_class
from ganaug.report.mlflow.runs.names import flat
from ganaug.report.mlflow.runs.processes import is_gone, this_process
from ganaug.report.mlflow.tracking import forgiving


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


def test_how_often_and_by_what_measure_is_the_same_configuration(paths):
    first = configuration(paths)
    text = paths.params.read_text()
    paths.params.write_text(text.replace("replicates: [0]", "replicates: [0, 1]").replace("reference: real", ""))
    second = configuration(paths)
    assert second.key == first.key
    assert (first.settings["replicates"], second.settings["replicates"]) == ("[0]", "[0, 1]")


def test_a_title_says_in_what_a_configuration_differs_from_the_one_most_like_it(paths):
    text, titles = paths.params.read_text(), []
    for old, new in (("", ""), ("steps: 6", "steps: 8"), ("synthetic: 0.5", "synthetic: 0.25, balanced: true")):
        text = text.replace(old, new)
        paths.params.write_text(text)
        found = store(paths)
        titles.append(found.client.get_run(found.parent()).info.run_name)
    plain = "x · resnet hinge · 5 per class"
    assert titles == [
        plain,
        f"{plain} · train_gan.steps 8",
        f"{plain} · gan.synthetic 0.25 · gan.balanced True",
    ]


@pytest.mark.parametrize(
    ("labels", "words"),
    [(12, "12 per class"), ("all", "all labels"), ({"a": 5, "b": 100}, "5 to 100 per class"), (None, "all labels")],
)
def test_a_title_says_how_many_labels_there_are(labels, words):
    assert _per_class(labels) == words


def test_other_images_of_the_same_name_have_another_title(paths):
    store(paths).parent()
    LabelledImages(**vars(labelled("x")) | {"source": {"name": "x", "checksum": "1"}}).save(paths.test)
    found = store(paths)
    assert found.client.get_run(found.parent()).info.run_name == "x · resnet hinge · 5 per class · other images"


def test_a_configurations_run_is_never_running_and_a_killed_process_leaves_none_that_is(paths):
    code = "import sys, time; from mlflow_project import *; found = store(Paths(Path(sys.argv[1])))\n"
    code += "found.run('gan 0', found.parent()); print('there', flush=True); time.sleep(60)"
    helpers = Path(__file__).parents[2] / "helpers"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(helpers), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", code, str(paths.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "there\n"
        assert statuses(paths) == {"x · resnet hinge · 5 per class": "SCHEDULED", "gan 0": "RUNNING"}
        process.kill()
    assert statuses(paths) == {"x · resnet hinge · 5 per class": "SCHEDULED", "gan 0": "KILLED"}


def statuses(paths):
    found = store(paths)
    return {run.info.run_name: run.info.status for run in found.client.search_runs([found.experiment])}


def test_a_process_of_another_machine_is_not_known_to_be_gone():
    assert not is_gone("elsewhere 1 0")
    assert not is_gone(this_process())
    host, number, started = this_process().split()
    assert is_gone(f"{host} {number} {int(started) - 60}")  # another process has the same id


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
