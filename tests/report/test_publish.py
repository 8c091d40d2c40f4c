"""Publishing: everything exactly once; a failing server is only a warning."""

import pytest
from mlflow_project import logged, rows, store

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import read_json, recreate_directory, write_json, write_rows
from ganaug.core.paths import Paths
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.report import publish
from ganaug.report.publish import _content, _mirror


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
        content = _content(rows(1, 2, 3, 4, 5), {"accuracy": 0.5}, [picture])
        _mirror(found, "gan 0", parent, content)
        assert logged(found, run) == [1, 2, 3, 4, 5]
        assert logged(found, run, "accuracy") == [0]
    assert [item.path for item in found.client.list_artifacts(run)] == ["picture.png"]


def test_other_results_of_the_same_configuration_replace_the_run(paths):
    found = store(paths)
    parent = found.parent()
    _mirror(found, "gan 0", parent, _content(rows(1, 2)))
    old = found.run("gan 0")
    _mirror(found, "gan 0", parent, _content(rows(1, 2, 3)))
    new = found.run("gan 0")
    assert new != old
    assert logged(found, new) == [1, 2, 3]


@pytest.fixture
def results(paths):
    """All that is published of one replicate's GAN and two arms."""
    for folder in (paths.gan(0), paths.arm("real", 0), paths.arm("gan", 0)):
        write_rows(recreate_directory(folder) / "history.csv", rows(1, 2))
    write_json(paths.gan(0) / "health.json", {"findings": []})
    metrics = {name: {"title": name, "better": "high", "in_points": True} for name in ("accuracy", "recall of é")}
    figures = {name: {"per_replicate": [0.5]} for name in metrics}
    gains = {name: {"mean": 0.1, "low": -0.1, "high": 0.3} for name in metrics}
    verdict = {"answer": "helps", "sentence": "It helps."}
    arms = {"real": figures, "gan": figures}
    summary = {"metrics": metrics, "arms": arms, "gains": {"gan": gains}, "verdict": verdict}
    write_json(paths.summary, summary)
    write_json(paths.metrics, {"balanced_accuracy": {"gan": 0.5}})
    for file in (paths.seconds, paths.data_card):
        write_json(file, {})
    paths.report.write_text("report")
    (recreate_directory(paths.plots) / "arms.png").write_bytes(b"png")


def test_all_results_are_published_once(results, paths):
    for _ in range(2):
        assert sent(paths)
        found = store(paths)
        runs = {run.info.run_name: run for run in found.client.search_runs([found.experiment])}
        assert set(runs) == {found.configuration.name, "gan 0", "real 0 classifier", "gan 0 classifier"}
        assert {run.info.status for run in runs.values()} == {"FINISHED"}
        assert runs["gan 0"].data.tags["ganaug.health"] == "no finding"
        assert runs["real 0 classifier"].data.metrics == {
            "d_real": 0.5,
            "images": 32,
            "accuracy": 0.5,
            "recall of :e9:": 0.5,
        }
        parent = runs[found.configuration.name]
        assert parent.data.tags["ganaug.answer"] == "helps"
        assert parent.data.metrics["balanced_accuracy.gan"] == 0.5
        assert parent.data.metrics["gains.gan.recall of :e9:.low"] == -0.1
        assert {item.path for item in found.client.list_artifacts(parent.info.run_id)} == {
            *("params.yaml", "summary.json", "seconds.json", "report.html", "plots", "card.json")
        }


def test_pretrained_weights_are_a_tag(results, paths):
    told = {"model": "resnet18", "weights": "a.pth", "sha256": "12ab"}
    write_json(paths.summary, read_json(paths.summary) | {"pretrained": told})
    assert sent(paths)
    found = store(paths)
    assert found.client.get_run(found.parent()).data.tags["ganaug.pretrained"] == "12ab"


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
    with pytest.raises(KeyError, match="real"):
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
        _mirror(found, name, parent, _content(rows(1, 2, 3)))
        assert logged(found, found.run(name)) == [1, 2, 3]
        values = [item.value for item in found.client.get_metric_history(found.run(name), "d_real")]
        assert values == [1.0, 0.5, pytest.approx(1 / 3)]
