"""ProcessLogger: what the other process reads, and that its failures never stop training."""

import json
import subprocess
import sys
import time

import pytest

from ganaug.gan import live
from ganaug.gan.live import ProcessLogger

COPY = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read())"


def logger(*command):
    return ProcessLogger(subprocess.Popen([sys.executable, "-c", *command], stdin=subprocess.PIPE, text=True))


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_other_process_reads_rows_and_the_final_status(tmp_path):
    with logger(COPY, str(tmp_path / "read")) as given:
        given.log_hyperparams({"steps": 2})
        given.log_metrics({"d_real": 0.5, "g_fake": 1.0}, 1)
        given.log_metrics({"d_real": 0.25, "g_fake": 2.0}, 2)
        given.finalize("success")  # Lightning calls it before the results are written
        given.save()
    assert given.process.returncode == 0  # `close` waited for it
    assert read(tmp_path / "read") == [
        {"step": 1, "d_real": 0.5, "g_fake": 1.0},
        {"step": 2, "d_real": 0.25, "g_fake": 2.0},
        {"status": "success"},
    ]


def test_an_error_is_a_failure_even_after_the_last_step(tmp_path):
    with pytest.raises(RuntimeError), logger(COPY, str(tmp_path / "read")) as given:
        given.finalize("success")
        raise RuntimeError
    assert read(tmp_path / "read") == [{"status": "failed"}]


def test_a_process_that_has_died_is_ignored():
    with logger("raise SystemExit(1)") as given:
        given.process.wait()
        for step in range(1000):
            given.log_metrics({"d_real": 0.5}, step)


def test_a_process_that_hangs_is_killed(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE", 0.1)
    began = time.monotonic()
    with logger("import sys, time; sys.stdin.read(); time.sleep(60)") as given:
        given.log_metrics({"d_real": 0.5}, 1)
    given.process.wait()
    assert time.monotonic() - began < 30
