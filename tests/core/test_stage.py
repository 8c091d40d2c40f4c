"""How a stage script starts and ends."""

import json
import subprocess
import sys
import time

import pytest

from ganaug.core import stage
from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.core.stage import run


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Return a function that runs a stage with a command line; results go to an empty folder."""
    monkeypatch.setattr(stage, "leave", lambda status: status and sys.exit(status))  # or the tests would end

    def start(main, *argv, **options):
        monkeypatch.setattr(sys, "argv", list(argv))
        run(main, paths=Paths(tmp_path), **options)

    return start


def recorded(tmp_path):
    return {
        file.name: json.loads(file.read_text(encoding="utf-8")) for file in (tmp_path / "results/seconds").glob("*")
    }


def test_paths_and_arguments_of_the_command_line_are_passed_on(start, tmp_path):
    seen = []
    start(lambda *arguments: seen.extend(arguments), "pipeline/train_baseline.py", "real")
    assert seen == [Paths(tmp_path), "real"]


def test_time_is_recorded_under_script_and_arguments(start, tmp_path):
    start(lambda *_: None, "pipeline/train_baseline.py", "real", "0")
    ((name, content),) = recorded(tmp_path).items()
    assert name == "train_baseline@real@0.json"
    assert list(content) == ["seconds"]
    assert content["seconds"] > 0


def test_a_stage_says_what_it_does(start, capsys):
    start(lambda *_: print("done"), "pipeline/prepare.py")
    assert capsys.readouterr().out == "How a stage script starts and ends.\ndone\n"  # this file's own first line


def test_a_stage_says_which_of_all_stages_it_is(start, tmp_path, capsys):
    (tmp_path / "code").mkdir()
    write_json(Paths(tmp_path).stages, ["list_code", "prepare", "train_gan@0", "train_gan@1"])
    for words in (["prepare.py"], ["train_gan.py", "1"], ["another.py"]):
        start(lambda *_: None, *words)
    about = "How a stage script starts and ends.\n"
    assert capsys.readouterr().out == f"stage 2 of 4: {about}stage 4 of 4: {about}{about}"


@pytest.mark.parametrize(("jobs", "says"), [("1", {}), ("4", {"jobs": 4})])
def test_costs_of_stages_side_by_side_are_marked(start, tmp_path, monkeypatch, jobs, says):
    monkeypatch.setenv("GANAUG_JOBS", jobs)
    start(lambda *_: None, "pipeline/prepare.py")
    found = recorded(tmp_path)["prepare.json"]
    assert {name: found[name] for name in found if name == "jobs"} == says
    assert ("ended" in found) == ("machine" in found) == (jobs == "4")  # with them, evaluate divides the joules
    assert abs(found.get("ended", time.time()) - time.time()) < 60


def test_time_is_not_recorded_without_record(start, tmp_path):
    start(lambda _: None, "pipeline/check.py", record=False)
    assert recorded(tmp_path) == {}


@pytest.mark.parametrize("record", [True, False])
def test_wrong_input_ends_with_its_message_alone(start, tmp_path, capsys, record):
    def main(_):
        raise InputError("data/raw: no such folder; correct prepare.path")

    with pytest.raises(SystemExit) as end:
        start(main, "pipeline/prepare.py", record=record)
    assert end.value.code == 1
    assert capsys.readouterr().err.strip() == "error: data/raw: no such folder; correct prepare.path"
    assert recorded(tmp_path) == {}


def test_other_errors_are_not_hidden(start, tmp_path):
    def main(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start(main, "pipeline/prepare.py")
    assert recorded(tmp_path) == {}


def test_a_stage_ends_like_any_process_but_for_taking_objects_apart():
    code = (
        "import atexit, threading, time\n"
        "from ganaug.core.stage import run\n"
        "class Large:\n"
        "    def __del__(self): print('taken apart')\n"
        "large = Large()\n"
        "def main(_):\n"
        "    atexit.register(print, 'cleaned up')\n"
        "    threading.Thread(target=lambda: (time.sleep(0.2), print('thread done'))).start()\n"
        "    print('main done')\n"
        "run(main, record=False)\n"
        "print('never')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["main done", "thread done", "cleaned up", ""]
    assert done.stderr == ""


def test_a_pool_of_threads_that_nobody_closed_does_not_keep_the_process_alive(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from ganaug.core.stage import run\n"
        "pool = ThreadPoolExecutor(1)\n"
        "run(lambda paths: print(pool.submit(lambda: 'done').result()), record=False)\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "done\n"
