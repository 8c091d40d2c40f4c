"""MLflow as a mirror: found by key, complete, never twice, never in the way."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ganaug.core.errors import InputError
from ganaug.core.files import recreate_directory, write_json, write_rows
from ganaug.core.paths import ARMS, GANS, METRICS, PLOTS, PREPARED, REPORT, SECONDS, SUMMARY
from ganaug.data.images import LabelledImages
from ganaug.experiment.evaluate_settings import read_experiment
from ganaug.gan.live import ProcessLogger
from ganaug.report import tracking

TINY = Path(__file__).parents[1] / "tiny_params.yaml"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project folder with parameters, a prepared test set and an empty store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copy(TINY, "params.yaml")
    images = LabelledImages(np.zeros((2, 1, 8, 8), np.uint8), np.array([0, 1]), ("a", "b"), {"name": "x"})
    images.save(PREPARED / "test")
    return tmp_path


def rows(*steps):
    return [{"step": step, "images": 16.0 * step, "d_real": 1.0 / step} for step in steps]


def connect():
    return tracking.connect(tracking.read_configuration())


def logged(store, run, name="d_real"):
    return [metric.step for metric in store.client.get_metric_history(run, name)]


def test_runs_are_found_again_by_key_and_belong_to_one_parent(place):
    store = connect()
    parent = store.parent()
    child = store.run("gan 0", parent)
    again = connect()
    assert again.parent() == parent
    assert again.run("gan 0", parent) == child
    assert store.client.get_run(child).data.tags["mlflow.parentRunId"] == parent
    params = store.client.get_run(parent).data.params
    assert params["train_gan.objective.name"] == "hinge"
    assert params["seed"] == "0"


def test_another_parameter_or_other_data_is_another_configuration(place):
    first = tracking.read_configuration().key
    assert tracking.read_configuration().key == first
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text.replace("seed: 0", "seed: 1"))
    assert tracking.read_configuration().key != first
    Path("params.yaml").write_text(text)
    LabelledImages(np.zeros((2, 1, 8, 8), np.uint8), np.array([0, 1]), ("a", "b"), {"name": "y"}).save(
        PREPARED / "test"
    )
    assert tracking.read_configuration().key != first


def live_logger():
    """Return a logger that starts a process for the curves of GAN 0."""
    command = [sys.executable, "-m", "ganaug.report.live", "0"]
    return ProcessLogger(subprocess.Popen(command, stdin=subprocess.PIPE, text=True))


def log(logger, steps):
    for row in rows(*steps):
        logger.log_metrics(row, row["step"])


def live(steps):
    with live_logger() as logger:
        log(logger, steps)


def test_live_curves_of_a_resumed_run_hold_each_step_once_and_publishing_completes_them(place):
    with pytest.raises(RuntimeError), live_logger() as logger:
        log(logger, [1, 2, 3])
        finding = {"name": "training diverged", "seen": "d_real is nan at step 4", "remedy": "lower it"}
        write_json(recreate_directory(GANS / "0") / "health.json", {"findings": [finding]})
        raise RuntimeError("killed")
    store = connect()
    parent, run = store.parent(), store.run("gan 0")
    failed = store.client.get_run(run)
    assert [one.info.status for one in (failed, store.client.get_run(parent))] == ["FAILED"] * 2
    assert failed.data.tags["ganaug.gan.health"] == "training diverged"
    assert "d_real is nan at step 4. Try: lower it." in failed.data.tags["mlflow.note.content"]
    live([2, 3, 4])
    assert logged(store, run) == [1, 2, 3, 4]
    assert [store.client.get_run(one).info.status for one in (run, parent)] == ["FINISHED", "RUNNING"]

    Path("picture.png").write_bytes(b"png")
    for _ in range(2):
        content = tracking._content(rows(1, 2, 3, 4, 5), {"accuracy": 0.5}, [Path("picture.png")])
        tracking._mirror(store, "gan 0", parent, content)
        assert logged(store, run) == [1, 2, 3, 4, 5]
        assert logged(store, run, "accuracy") == [0]
    assert [item.path for item in store.client.list_artifacts(run)] == ["picture.png"]


def test_other_results_of_the_same_configuration_replace_the_run(place):
    store = connect()
    parent = store.parent()
    tracking._mirror(store, "gan 0", parent, tracking._content(rows(1, 2)))
    old = store.run("gan 0")
    tracking._mirror(store, "gan 0", parent, tracking._content(rows(1, 2, 3)))
    new = store.run("gan 0")
    assert new != old
    assert logged(store, new) == [1, 2, 3]


def test_a_dead_server_costs_one_warning_and_no_error(place, monkeypatch, capfd):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    live([1, 2])
    assert capfd.readouterr().out.count("warning: MLflow does not take the live curves") == 1


@pytest.fixture
def results(place):
    """All that is published of one replicate's GAN and two arms."""
    for folder in (GANS / "0", ARMS / "real/0", ARMS / "gan/0"):
        write_rows(recreate_directory(folder) / "history.csv", rows(1, 2))
    write_json(GANS / "0" / "health.json", {"findings": []})
    figures = {name: {"per_replicate": [0.5]} for name in ("accuracy", "balanced_accuracy", "macro_f1")}
    verdict = {"answer": "helps", "sentence": "It helps."}
    write_json(SUMMARY, {"arms": {"real": figures, "gan": figures}, "verdict": verdict})
    write_json(METRICS, {"balanced_accuracy": {"gan": 0.5}})
    for file in (SECONDS, PREPARED / "card.json"):
        write_json(file, {})
    REPORT.write_text("report")
    (recreate_directory(PLOTS) / "arms.png").write_bytes(b"png")
    return place


def test_all_results_are_published_once(results):
    for _ in range(2):
        assert tracking.publish(read_experiment())
        store = connect()
        runs = {run.info.run_name: run for run in store.client.search_runs([store.experiment])}
        assert set(runs) == {store.configuration.name, "gan 0", "real 0 classifier", "gan 0 classifier"}
        assert {run.info.status for run in runs.values()} == {"FINISHED"}
        assert runs["gan 0"].data.tags["ganaug.gan.health"] == "no finding"
        assert runs["real 0 classifier"].data.metrics["accuracy"] == 0.5
        parent = runs[store.configuration.name]
        assert parent.data.tags["ganaug.answer"] == "helps"
        assert parent.data.metrics["balanced_accuracy.gan"] == 0.5
        assert {item.path for item in store.client.list_artifacts(parent.info.run_id)} == {
            *("summary.json", "seconds.json", "report.html", "plots", "card.json")
        }


@pytest.mark.parametrize("missing", [SUMMARY, METRICS, REPORT, GANS / "0/history.csv", GANS / "0/health.json"], ids=str)
def test_a_missing_result_is_no_fault_of_the_server(results, missing, capsys, monkeypatch):
    monkeypatch.setattr(tracking, "connect", lambda _: pytest.fail("asked the server"))
    missing.unlink()
    with pytest.raises(InputError, match=f"^{missing}: does not exist yet; run `dvc repro`$"):
        tracking.publish(read_experiment())
    assert "warning" not in capsys.readouterr().out


def test_a_summary_that_does_not_know_an_arm_is_no_fault_of_the_server(results):
    write_json(SUMMARY, {"arms": {}})
    with pytest.raises(KeyError, match="real"):
        tracking.publish(read_experiment())


@pytest.mark.parametrize("call", ["get_experiment_by_name", "log_batch", "set_tag"])
def test_whatever_the_client_raises_costs_a_warning(results, monkeypatch, capsys, call):
    def fail(*_, **__):
        raise KeyError("token")

    monkeypatch.setattr(f"mlflow.MlflowClient.{call}", fail)
    assert not tracking.publish(read_experiment())
    assert "warning: MLflow does not take the results" in capsys.readouterr().out


def test_a_server_that_fails_while_live_curves_begin_is_asked_once(place, monkeypatch, capsys):
    def forbid(*_, **__):
        raise PermissionError("403")

    monkeypatch.setattr("mlflow.MlflowClient.create_run", forbid)
    curves = tracking.LiveGan(0)
    curves.add({"step": 1.0})
    curves.close("FINISHED")
    assert capsys.readouterr().out.count("warning: ") == 1


def test_live_curves_without_prepared_images_say_so_and_the_training_goes_on(place, capfd):
    shutil.rmtree(PREPARED / "test")
    live(range(1, 1000))
    out = capfd.readouterr().out
    assert f"warning: no live curves: {PREPARED / 'test'}: not a readable set of images" in out
    assert "MLflow" not in out


def test_a_killed_training_fails_its_run(place):
    logger = live_logger()
    log(logger, [1, 2])
    logger.finalize("success")  # Lightning's end, not that of the stage
    logger.process.stdin.close()  # as the kernel does when a process dies
    logger.process.wait(60)
    store = connect()
    run = store.run("gan 0")
    assert store.client.get_run(run).info.status == "FAILED"
    assert logged(store, run) == [1, 2]


def test_a_listener_that_dies_does_not_stop_the_training(place, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    live(range(1, 10000))


def test_a_live_run_with_a_hole_or_of_other_code_is_replaced_by_what_the_files_say(place):
    store = connect()
    parent = store.parent()
    for name, live_rows in (("hole", rows(1, 3)), ("other", [{**row, "d_real": 7.0} for row in rows(1, 2)])):
        tracking._log_rows(store.client, store.run(name, parent), live_rows, -1)
        tracking._mirror(store, name, parent, tracking._content(rows(1, 2, 3)))
        assert logged(store, store.run(name)) == [1, 2, 3]
        values = [item.value for item in store.client.get_metric_history(store.run(name), "d_real")]
        assert values == [1.0, 0.5, pytest.approx(1 / 3)]


def test_names_that_mlflow_does_not_take_are_written_so_that_it_does():
    assert tracking._flat({"labelled_per_class": {"C++": 5, "cat (tabby)": 20}}) == {
        "labelled_per_class.C__": 5,
        "labelled_per_class.cat _tabby_": 20,
    }
