"""Live curves are sent by another process, are complete, and never block training."""

import shutil
import subprocess
import sys
import time

import pytest
from mlflow_project import logged, rows, store

from ganaug.core.files import recreate_directory, write_json
from ganaug.gan.live import ProcessLogger
from ganaug.report.mlflow.live import LiveGan


def live_logger(paths):
    """Return a logger that starts a process to send the curves of GAN 0."""
    command = [sys.executable, "-m", "ganaug.report.mlflow.live", "0"]
    return ProcessLogger(subprocess.Popen(command, stdin=subprocess.PIPE, text=True, cwd=paths.root))


def log(logger, steps):
    for row in rows(*steps):
        logger.log_metrics(row, row["step"])


def live(paths, steps):
    with live_logger(paths) as logger:
        log(logger, steps)


def test_live_curves_of_a_resumed_run_hold_each_step_once(paths):
    with pytest.raises(RuntimeError), live_logger(paths) as logger:
        log(logger, [1, 2, 3])
        finding = {"name": "training diverged", "seen": "d_real is nan at step 4", "remedy": "lower it"}
        write_json(recreate_directory(paths.gan(0)) / "health.json", {"findings": [finding]})
        raise RuntimeError("killed")
    found = store(paths)
    parent, run = found.parent(), found.run("gan 0")
    failed = found.client.get_run(run)
    assert [one.info.status for one in (failed, found.client.get_run(parent))] == ["FAILED"] * 2
    assert failed.data.tags["health"] == "training diverged"
    assert "d_real is nan at step 4. Try: lower it." in failed.data.tags["mlflow.note.content"]
    live(paths, [2, 3, 4])
    assert logged(found, run) == [1, 2, 3, 4]
    assert [found.client.get_run(one).info.status for one in (run, parent)] == ["FINISHED", "SCHEDULED"]


def test_a_long_training_shows_the_use_of_the_machine_and_goes_on_where_it_was(paths, monkeypatch):
    monkeypatch.setenv("MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL", "0.1")
    counts = []
    for _ in range(2):
        curves = LiveGan("0", paths)
        time.sleep(1)
        curves.close("FINISHED")
        found = store(paths)
        steps = logged(found, found.run("gan 0"), "system/cpu_utilization_percentage")
        assert steps == list(range(len(steps)))
        counts.append(len(steps))
    assert 0 < counts[0] < counts[1]


def test_a_dead_server_costs_one_warning_and_no_error(paths, monkeypatch, capfd):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    live(paths, [1, 2])
    assert capfd.readouterr().out.count("warning: MLflow did not accept the live curves") == 1


def test_a_server_that_fails_while_live_curves_begin_is_contacted_once(paths, monkeypatch, capsys):
    def forbid(*_, **__):
        raise PermissionError("403")

    monkeypatch.setattr("mlflow.MlflowClient.create_run", forbid)
    curves = LiveGan("0", paths)
    curves.add({"step": 1.0})
    curves.close("FINISHED")
    assert capsys.readouterr().out.count("warning: ") == 1


def test_without_prepared_images_live_curves_warn_and_training_goes_on(paths, capfd):
    shutil.rmtree(paths.test)
    live(paths, range(1, 1000))
    out = capfd.readouterr().out
    assert "warning: no live curves: data/prepared/test: not a readable set of images" in out
    assert "MLflow" not in out


def test_a_killed_training_fails_its_run(paths):
    logger = live_logger(paths)
    log(logger, [1, 2])
    logger.finalize("success")  # the end of Lightning's training, not of the stage
    logger.process.stdin.close()  # as the kernel does when a process dies
    logger.process.wait(60)
    found = store(paths)
    run = found.run("gan 0")
    assert found.client.get_run(run).info.status == "FAILED"
    assert logged(found, run) == [1, 2]


def test_a_listener_that_dies_does_not_stop_the_training(paths, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    live(paths, range(1, 10000))
