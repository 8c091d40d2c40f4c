"""Runs in MLflow: found by key, nested in their configuration's."""

from mlflow_project import configuration, labelled, store

from ganaug.report.tracking import flat


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


def test_names_that_mlflow_does_not_take_are_written_so_that_it_does():
    assert flat({"labelled_per_class": {"C++": 5, "cat (tabby)": 20}}) == {
        "labelled_per_class.C__": 5,
        "labelled_per_class.cat _tabby_": 20,
    }
