"""Publishing sends everything exactly once; a failing server is only a warning."""

import math
import os
import subprocess
from pathlib import Path

import pytest
from mlflow_project import logged, rows, store, summary
from ruamel.yaml import YAML

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import read_json, write_json
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.report.mlflow import publish
from ganaug.report.mlflow.publish import mirror
from ganaug.report.mlflow.runs.content import Content, Picture, Time


def sent(paths: Paths) -> bool:
    """Publish the results."""
    params = ParamsFile.load(paths.params)
    return publish.publish(read_experiment(params), params, paths)


def test_publishing_completes_live_curves_once(paths):
    found = store(paths)
    parent = found.parent()
    run = found.run("gan 0", parent)
    found.log_rows(run, rows(1, 2, 3, 4), -1)
    picture = paths.root / "picture.png"
    picture.write_bytes(b"png")
    for _ in range(2):
        content = Content(rows=rows(1, 2, 3, 4, 5), figures={"accuracy": 0.5}, files=[picture])
        mirror(found, "gan 0", parent, content)
        assert logged(found, run) == [1, 2, 3, 4, 5]
        assert logged(found, run, "accuracy") == [0]
    assert [item.path for item in found.client.list_artifacts(run)] == ["picture.png"]


def test_other_results_of_the_same_configuration_replace_the_run(paths):
    found = store(paths)
    parent = found.parent()
    mirror(found, "gan 0", parent, Content(rows=rows(1, 2)))
    old = found.run("gan 0")
    mirror(found, "gan 0", parent, Content(rows=rows(1, 2, 3)))
    new = found.run("gan 0")
    assert new != old
    assert logged(found, new) == [1, 2, 3]


def runs(paths: Paths) -> dict:
    """Return all runs by name."""
    found = store(paths)
    return {run.info.run_name: run for run in found.client.search_runs([found.experiment])}


TITLE = "x · resnet hinge · 5 per class"


def test_all_results_are_published_once(results, paths, capsys):
    for _ in range(2):
        assert sent(paths)
        found = runs(paths)
        assert set(found) == {TITLE, "gan 0", "real 0 classifier", "gan 0 classifier"}
        assert {run.info.status for run in found.values()} == {"FINISHED"}
        assert found["gan 0"].data.tags["health"] == "no finding"
        assert found["real 0 classifier"].data.metrics == {
            "discriminator/d_real": 0.5,
            "images": 32,
            "test/accuracy": 0.5,
            "test/recall of :e9:": 0.5,
            "seconds/train_baseline": 7.5,
        }
        artifacts = store(paths).client.list_artifacts(found[TITLE].info.run_id)
        assert {item.path for item in artifacts} == {
            *("params.yaml", "summary.json", "metrics.json", "seconds.json", "report.html", "plots", "card.json")
        }
        assert (
            "/#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=ganaug\n" in capsys.readouterr().out
        )


def test_the_row_of_a_configuration_holds_what_people_compare_by(results, paths):
    assert sent(paths)
    row = runs(paths)[TITLE].data
    told = {"answer": "helps", "best arm": "gan", "reference": "real", "data": "x", "metric": "accuracy"}
    assert row.tags.items() >= (told | {"kind": "configuration", "evaluate.reference": "real"}).items()
    assert row.metrics == {
        "gain": 0.1,
        "gain/low": -0.1,
        "gain/high": 0.3,
        "score/arm": 0.6,
        "score/reference": 0.5,
        "label equivalent": 3.0,
        "label equivalent/low": 1.0,  # the high end lies beyond the measured range
        "quality/fid": 4.0,
        "quality of real/fid": 0.5,
        "quality/near_copies": 0.5,
        "replicates": 1,
        "seconds": 9.5,
        "seconds/prepare": 2.0,
        "seconds/train_gan": 7.5,
        "accuracy/real": 0.5,
        "accuracy/gan": 0.5,
        **{
            f"gain of gan/{metric}{end}": value
            for metric in ("accuracy", "recall of :e9:")
            for end, value in (("", 0.1), ("/low", -0.1), ("/high", 0.3))
        },
    }
    assert row.params["train_gan.objective.name"] == "hinge"
    assert not {"replicates", "threads", "evaluate.reference"} & set(row.params)


def test_nested_runs_have_parameters_tags_and_times_of_their_own(results, paths):
    for stage in ("train_gan@0", "train_augmented@gan@0"):
        os.utime(paths.stage_seconds(stage), (1000, 1000))
    assert sent(paths)
    gan, arm = (runs(paths)[name] for name in ("gan 0", "gan 0 classifier"))
    assert gan.data.params == {
        "replicate": "0",
        "train_gan.steps": "2",
        "train_gan.objective.name": "hinge",
        "train_gan.objective.r1": "0.0",
    }
    assert gan.data.tags.items() >= {"kind": "gan", "replicate": "0"}.items()
    assert gan.data.metrics["step used/accuracy_train"] == 0.5
    wanted = {"arm": "gan", "group": "augmented", "replicate": "0", "share": "0.5", "arm.synthetic": "0.5"}
    assert arm.data.params.items() >= (wanted | {"arm.labels": "limited", "train_classifier.steps": "80"}).items()
    assert arm.data.tags.items() >= {"kind": "classifier", "arm": "gan", "group": "augmented", "replicate": "0"}.items()
    assert [(run.info.start_time, run.info.end_time) for run in (gan, arm)] == [(992500, 1000000)] * 2


def test_a_nested_run_has_no_joules_that_others_shared(results, paths):
    write_json(paths.stage_seconds("train_gan@0"), {"seconds": 7.5, "joules": 90.0, "jobs": 3, "ended": 8.0})
    write_json(paths.stage_seconds("train_augmented@gan@0"), {"seconds": 7.5, "joules": 60.0})
    assert sent(paths)
    gan, arm = (runs(paths)[name].data.metrics for name in ("gan 0", "gan 0 classifier"))
    assert (gan["seconds/train_gan"], arm["seconds/train_augmented"]) == (7.5, 7.5)
    assert "joules/train_gan" not in gan
    assert arm["joules/train_augmented"] == 60


def test_a_run_that_was_there_lasts_as_long_as_its_stage(paths):
    found = store(paths)
    parent = found.parent()
    run = found.run("gan 0", parent)
    mirror(found, "gan 0", parent, Content(rows=rows(1), time=Time(seconds=19.25, ended=0.0)))
    info = found.client.get_run(run).info
    assert info.end_time - info.start_time == 19250


def test_data_sets_are_inputs_with_digest_and_profile(results, paths):
    assert sent(paths)
    given = runs(paths)["gan 0 classifier"].inputs.dataset_inputs
    assert {(one.dataset.name, one.tags[0].value) for one in given} == {
        ("x, training set of replicate 0", "training"),
        ("x, validation set", "validation"),
        ("x, test set", "test"),
    }
    assert len({one.dataset.digest for one in given}) == 1  # the same two images in this test
    assert '"images": 2' in given[0].dataset.profile
    assert '"per_class": {"a": 1, "b": 1}' in given[0].dataset.profile


def test_samples_are_pictures_at_steps_each_once(results, paths):
    for _ in range(2):
        assert sent(paths)
    found, run = store(paths), runs(paths)["gan 0"]
    assert run.data.tags["mlflow.loggedImages"] == "True"
    pictures = [item.path for item in found.client.list_artifacts(run.info.run_id, "images")]
    assert len(pictures) == 4  # two steps, each in full and compressed
    picture = Picture("samples", 1, paths.gan(0) / "grids/000001.png")
    found.log_pictures(run.info.run_id, [picture])
    assert len(found.client.list_artifacts(run.info.run_id, "images")) == 4


def test_without_a_share_of_synthetic_images_the_gan_gains_nothing(results, paths):
    told = summary()
    told["verdict"] |= {"answer": "not used"}
    write_json(paths.summary, told)
    assert sent(paths)
    row = runs(paths)[TITLE].data.metrics
    assert row["gain"] == 0
    assert not {"gain/low", "gain/high"} & set(row)


def test_another_reference_is_the_same_run_with_other_figures(results, paths):
    assert sent(paths)
    before = runs(paths)
    paths.params.write_text(paths.params.read_text().replace("reference: real", "reference: null"))
    told = summary()
    told["verdict"] |= {"answer": "not used", "gain": 0.2}
    write_json(paths.summary, told)
    assert sent(paths)
    after = runs(paths)
    assert {name: run.info.run_id for name, run in after.items()} == {
        name: run.info.run_id for name, run in before.items()
    }
    assert after[TITLE].data.tags["evaluate.reference"] == "None"
    assert after[TITLE].data.metrics["gain"] == 0
    assert math.isnan(after[TITLE].data.metrics["gain/low"])


def test_the_score_of_classifiers_trained_on_synthetic_images_only_is_cas(results, paths):
    told = summary()
    told["arms"]["alone"] = told["arms"]["gan"] | {"synthetic": 1.0, "accuracy": {"mean": 0.4, "per_replicate": [0.4]}}
    write_json(paths.summary, told)
    assert sent(paths)
    assert runs(paths)[TITLE].data.metrics["quality/cas"] == 0.4


def test_a_run_says_where_its_results_come_from_and_how_to_get_them_back(results, paths):
    assert sent(paths)
    note = runs(paths)[TITLE].data.tags["mlflow.note.content"]
    assert note.startswith("Yes.\n\nIt helps.\n\nIt is worth 3 labels.\n\nMuch is left to gain.")
    assert "git" not in note
    run = runs(paths)[TITLE].info.run_id
    assert f"mlflow artifacts download --run-id {run} --artifact-path dvc.lock" in note


def test_with_git_a_run_names_its_commit_and_later_publishing_keeps_it(results, paths):
    def git(*command):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=paths.root, check=True)

    git("init", "-q")
    git("add", "params.yaml")
    git("commit", "-qm", "first")
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=paths.root, text=True).strip()
    paths.lock.write_text("schema: '2.0'\nstages: {}\n")
    for _ in range(2):
        assert sent(paths)
        row = runs(paths)[TITLE]
        assert row.data.tags.items() >= {"git.commit": commit, "git.changed": "false"}.items()
        assert f"git checkout {commit}\n" in row.data.tags["mlflow.note.content"]
        git("commit", "-qm", "second", "--allow-empty")
    assert "dvc.lock" in {item.path for item in store(paths).client.list_artifacts(row.info.run_id)}


def test_dvcs_record_is_attached_without_the_stage_that_publishes(results, paths):
    paths.lock.write_text("schema: '2.0'\nstages:\n  prepare: {cmd: x}\n")
    assert sent(paths)
    first = runs(paths)[TITLE].data.tags
    paths.lock.write_text(paths.lock.read_text() + "  evaluate: {cmd: y}\n")
    assert sent(paths)
    assert runs(paths)[TITLE].data.tags == first
    found = store(paths).client.download_artifacts(runs(paths)[TITLE].info.run_id, "dvc.lock")
    assert YAML(typ="safe").load(Path(found)) == {"schema": "2.0", "stages": {"prepare": {"cmd": "x"}}}


def test_pretrained_weights_are_a_tag(results, paths):
    of_classifiers, of_gans = (
        {"model": "resnet18", "weights": "a.pth", "sha256": checksum, "used_by": [user]}
        for checksum, user in (("12ab", "train_classifier.classifier"), ("34cd", "train_gan.network"))
    )
    write_json(paths.summary, read_json(paths.summary) | {"pretrained": [of_classifiers, of_gans]})
    assert sent(paths)
    told = {name: run.data.tags["pretrained"] for name, run in runs(paths).items()}
    assert told == {TITLE: "12ab, 34cd", "gan 0": "34cd", "real 0 classifier": "12ab", "gan 0 classifier": "12ab"}


@pytest.mark.parametrize(
    "missing",
    [
        "results/summary.json",
        "results/metrics.json",
        "results/report.html",
        "models/gan/0/history.csv",
        "models/gan/0/health.json",
    ],
)
def test_a_missing_result_is_an_error_and_no_warning_about_the_server(results, paths, missing, capsys, monkeypatch):
    monkeypatch.setattr(publish, "connect", lambda *_: pytest.fail("asked the server"))
    (paths.root / missing).unlink()
    with pytest.raises(InputError, match=f"^{paths.root / missing}: does not exist yet; run `dvc repro`$"):
        sent(paths)
    assert "warning" not in capsys.readouterr().out


def test_a_summary_without_an_arm_is_an_error_and_no_warning_about_the_server(results, paths):
    write_json(paths.summary, read_json(paths.summary) | {"arms": {}})
    with pytest.raises(InputError, match=r"summary\.json: arms\.gan is missing"):
        sent(paths)


@pytest.mark.parametrize("call", ["get_experiment_by_name", "log_batch", "set_tag"])
def test_whatever_the_client_raises_costs_a_warning(results, paths, monkeypatch, capsys, call):
    def fail(*_, **__):
        raise KeyError("token")

    monkeypatch.setattr(f"mlflow.MlflowClient.{call}", fail)
    assert not sent(paths)
    assert "warning: MLflow did not accept the results" in capsys.readouterr().out


def test_a_live_run_with_a_gap_or_from_other_code_is_replaced_from_the_files(paths):
    found = store(paths)
    parent = found.parent()
    for name, live_rows in (("hole", rows(1, 3)), ("other", [{**row, "d_real": 7.0} for row in rows(1, 2)])):
        found.log_rows(found.run(name, parent), live_rows, -1)
        mirror(found, name, parent, Content(rows=rows(1, 2, 3)))
        assert logged(found, found.run(name)) == [1, 2, 3]
        values = [item.value for item in found.client.get_metric_history(found.run(name), "discriminator/d_real")]
        assert values == [1.0, 0.5, pytest.approx(1 / 3)]
