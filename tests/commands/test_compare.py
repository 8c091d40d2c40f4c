"""`ganaug compare`: finished configurations side by side."""

import copy
import json

import pytest
from ruamel.yaml import YAML
from summaries import tiny, with_gain

from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.report.tracking import Configuration, connect

SUMMARY = tiny()
PARAMS = {"train_gan": {"steps": 6, "objective": {"name": "hinge"}}, "replicates": [0]}


@pytest.fixture
def project(tmp_path):
    """Return a function that writes a finished project with changes in its summary, and returns its folder."""

    def write(name, params=PARAMS, **changes):
        folder = tmp_path / name
        paths = Paths(folder)
        paths.summary.parent.mkdir(parents=True)
        YAML().dump(params, paths.params)
        write_json(paths.summary, copy.deepcopy(SUMMARY) | changes)
        return str(folder)

    return write


def changed(steps):
    return {**PARAMS, "train_gan": {"steps": steps, "objective": {"name": "relativistic", "r1": 0.5}}}


def test_the_same_configuration_differs_in_nothing(ganaug, project, capsys):
    assert ganaug("compare", project("a"), project("b"), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["configurations"]] == ["a", "b"]
    assert found["configurations"][0]["verdict"] == SUMMARY["verdict"]
    assert found["parameters"] == {}
    assert found["cautions"] == []
    assert found["gains"]["gan"][0] == SUMMARY["gains"]["gan"]["balanced_accuracy"]


def test_what_differs_is_listed_by_its_dotted_name(ganaug, project, capsys):
    assert ganaug("compare", project("a"), project("b", changed(9)), project("c", changed(6)), "--json") == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == {
        "train_gan.objective.name": ["hinge", "relativistic", "relativistic"],
        "train_gan.objective.r1": [None, 0.5, 0.5],
        "train_gan.steps": [6, 9, 6],
    }


def test_the_terminal_shows_answers_gains_and_parameters(ganaug, project, capsys):
    verdict = SUMMARY["verdict"] | {"answer": "helps", "gain": 0.021, "low": 0.011, "high": 0.0309}
    gain = with_gain({"mean": 0.021, "low": 0.004, "high": 0.038})
    assert ganaug("compare", project("a", verdict=verdict, gains=gain), project("b", changed(9))) == 0
    out = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "b: Undecided: with gan, little changed." in out
    assert f"answer helps {SUMMARY['verdict']['answer']}" in out
    assert any(line.startswith("gain +2.1 [+1.1, +3.1] points ") for line in out)
    assert any(line.startswith("gan +2.1 [+0.4, +3.8] ") for line in out)
    assert any(line.startswith("on validation ") and ", reference " in line for line in out)
    assert "train_gan.objective.r1 - 0.5" in out


def test_parameters_are_those_of_the_last_run_not_of_the_file_as_it_is_now(ganaug, project, capsys, tmp_path):
    one, other = project("a"), project("b", changed(9))
    lock = {"stages": {"evaluate": {"params": {"params.yaml": PARAMS}}}}
    YAML().dump(lock, tmp_path / "b/dvc.lock")
    assert ganaug("compare", one, other, "--json") == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == {}


def test_a_summary_alone_has_no_parameters_and_one_in_its_project_has(ganaug, project, capsys, tmp_path):
    place = tmp_path / "earlier.json"
    write_json(place, SUMMARY)
    project("a", changed(9))
    assert ganaug("compare", str(place), str(tmp_path / "a/results/summary.json"), project("b"), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["configurations"]] == ["earlier", "a", "b"]
    assert found["parameters"]["train_gan.steps"] == [None, 9, 6]
    assert found["cautions"] == ["The parameters of earlier are unknown: summary.json does not contain them."]


def test_runs_of_mlflow_can_be_compared(ganaug, project, capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = project("a", changed(9))
    store = connect(Configuration("key", "title", {}, {}), Paths(tmp_path))
    run = store.client.create_run(store.experiment).info.run_id
    for name in ("params.yaml", "results/summary.json"):
        store.client.log_artifact(run, f"{folder}/{name}")
    assert ganaug("compare", f"runs:/{run}", project("b"), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["configurations"][0]["name"] == f"run {run[:8]}"
    assert found["parameters"]["train_gan.steps"] == [9, 6]
    assert ganaug("compare", "runs:/nothing", folder) == 1
    assert "MLflow cannot find it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "caution"),
    [
        ({"dataset": SUMMARY["dataset"] | {"test_size": 700}}, "different data or test images"),
        ({"smallest_gain": 0.02}, "follow different rules"),
        ({"verdict": SUMMARY["verdict"] | {"references": ["gan"]}}, "measured against different references"),
    ],
)
def test_what_cannot_be_compared_is_said(ganaug, project, capsys, changes, caution):
    assert ganaug("compare", project("a"), project("b", **changes)) == 0
    assert caution in capsys.readouterr().out


def test_figures_in_different_metrics_are_shown_in_their_own_units(ganaug, project, capsys):
    metric, gain = "log_loss", {"mean": 0.0321, "low": 0.01, "high": 0.05}
    arms = {name: arm | {"val_log_loss": 0.4} for name, arm in SUMMARY["arms"].items()}
    other = project("b", metric=metric, gains=with_gain(gain, metric=metric), arms=arms)
    assert ganaug("compare", project("a"), other) == 0
    out = capsys.readouterr().out
    assert "different metrics" in out
    assert "+0.032 [+0.010, +0.050]" in out
    assert "log loss; a gain is a reduction" in out


def test_the_page_escapes_names(ganaug, project, tmp_path):
    hostile = {"train_gan": {"steps": "<script>alert(1)</script>", "objective": {"name": "\x1b[2J"}}, "replicates": [0]}
    page = tmp_path / "page.html"
    assert ganaug("compare", project("a"), project("<b>", hostile), "--html", str(page)) == 0
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;b&gt;" in text
    assert "\x1b" not in text
    assert "://" not in text  # nothing is loaded from elsewhere


def test_configurations_of_the_same_name_get_numbers(ganaug, project, capsys):
    place = project("a")
    assert ganaug("compare", place, place, "--json") == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["configurations"]] == ["a (1)", "a (2)"]


@pytest.mark.parametrize(
    ("places", "message"), [(["nowhere", "nothing"], "no such folder or file"), (["."], "name two or more")]
)
def test_mistakes_are_named(ganaug, capsys, places, message):
    assert ganaug("compare", *places) == 1
    assert message in capsys.readouterr().err
