"""How every command starts and ends."""

import json
import os
import subprocess
import sys
from importlib.metadata import version

import pytest
from imports import HEAVY, imported_by
from summaries import tiny

from ganaug.cli import COMMANDS
from ganaug.core.files import write_json
from ganaug.core.paths import Paths

NAMES = [function.__name__ for functions in COMMANDS.values() for function in functions]


@pytest.mark.parametrize("arguments", [["--help"], ["sample", "--help"], ["--version"]])
def test_help_imports_nothing_that_takes_long(arguments):
    imported = imported_by(*arguments)
    assert "typer" in imported
    assert not imported & HEAVY


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(ganaug, capsys, name):
    assert ganaug("--help") == 0
    assert f" {name} " in capsys.readouterr().out
    assert ganaug(name, "-h") == 0
    assert f"Usage: ganaug {name}" in capsys.readouterr().out


def test_the_version_is_the_package_s(ganaug, capsys):
    assert ganaug("--version") == 0
    assert capsys.readouterr().out == f"ganaug {version('ganaug')}\n"


@pytest.mark.parametrize(
    "arguments", [[], ["smaple"], ["plan"], ["sample", "out", "--count", "many"], ["check", "--jsn"]]
)
def test_wrong_usage_ends_with_2(ganaug, capsys, arguments):
    assert ganaug(*arguments) == 2
    captured = capsys.readouterr()
    assert "Usage: ganaug" in captured.err + captured.out
    assert "Traceback" not in captured.err


def test_a_mistyped_command_is_guessed(ganaug, capsys):
    assert ganaug("smaple") == 2
    assert "Did you mean 'sample'" in capsys.readouterr().err


def test_ctrl_c_ends_with_130_and_says_that_nothing_is_lost(ganaug, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ganaug.runner.pipeline.run_pipeline", interrupted)
    assert ganaug("run") == 130
    assert capsys.readouterr().err == "\ninterrupted; finished stages are kept\n"


def test_a_bug_keeps_its_traceback(ganaug, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("ganaug.runner.pipeline.run_pipeline", broken)
    with pytest.raises(ZeroDivisionError):
        ganaug("run")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands(shell):
    def ask(**variables):
        command = [sys.executable, "-c", "import sys; sys.argv[0] = 'ganaug'; from ganaug.cli import main; main()"]
        environment = {**os.environ, "_GANAUG_COMPLETE": f"complete_{shell}", **variables}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout

    typed = {"bash": {"COMP_WORDS": "ganaug su", "COMP_CWORD": "1"}}
    variables = typed.get(shell, {"_TYPER_COMPLETE_ARGS": "ganaug su", "_TYPER_COMPLETE_FISH_ACTION": "get-args"})
    assert "summary" in ask(**variables)


def test_a_list_takes_several_values_also_one_by_one_and_with_others_behind(ganaug, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "ganaug.synthesis.edit.edit_images", lambda gan, ensemble, output, edit: asked.append(edit) or 0
    )
    for words in (
        ["--classes", "a", "b c", "--strengths", "-1.5", "0", "1e-3", "--", "out"],
        ["out", "--strengths", "-1.5", "0", "1e-3", "--classes", "a", "--classes", "b c"],
    ):
        assert ganaug("edit", "--gan", "here", *words) == 0
    for edit in asked:
        assert (list(edit.classes), list(edit.strengths), edit.count) == (["a", "b c"], [-1.5, 0, 0.001], 4)
    assert len(asked) == 2


def test_an_argument_that_a_list_took_is_asked_for_elsewhere(ganaug, capsys):
    def shown(*words):
        assert ganaug("sample", *words) == 2
        return " ".join(capsys.readouterr().err.replace("│", "").split())

    hint = "All words after --classes are its values; write the argument before it, or after --"
    assert f"Missing argument 'OUTPUT'. {hint}" in shown("--classes", "3", "out")
    assert hint in shown("--classes", "3", "out", "--count", "2")
    assert hint not in shown("--count", "2")
    assert hint not in shown("out", "--count", "many", "--classes", "3")


def test_summary_as_json_is_the_file(ganaug, tmp_path, capsys):
    paths = Paths(tmp_path)
    paths.summary.parent.mkdir()
    summary = tiny()
    write_json(paths.summary, summary)
    assert ganaug("summary", "--json") == 0
    assert json.loads(capsys.readouterr().out) == summary


@pytest.mark.parametrize(
    ("server", "installed", "said"),
    [
        ("", True, "MLflow: ganaug ui\n"),
        ("", False, "MLflow: pip install 'ganaug[ui]', then ganaug ui\n"),
        ("postgresql://host/runs", True, "MLflow: ganaug ui\n"),
        ("https://host/mlflow", False, "MLflow: https://host/mlflow\n"),
    ],
)
def test_summary_says_where_mlflows_pages_are(ganaug, tmp_path, capsys, monkeypatch, server, installed, said):
    paths = Paths(tmp_path)
    paths.summary.parent.mkdir()
    write_json(paths.summary, tiny())
    monkeypatch.setattr("ganaug.report.tracking.pages_installed", lambda: installed)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    assert ganaug("summary") == 0
    assert capsys.readouterr().out.endswith(said)


def test_report_says_where_it_is_and_opens_it(ganaug, tmp_path, capsys, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda place: opened.append(place) or len(opened) == 1)
    assert ganaug("report") == 1
    assert "report.html: does not exist yet; run `dvc repro`" in capsys.readouterr().err
    report = Paths(tmp_path).report
    report.parent.mkdir()
    report.write_text("<html>")
    assert ganaug("report") == 0
    assert capsys.readouterr().out == f"{report}\n"
    assert opened == []
    assert ganaug("report", "--open") == 0
    assert opened == [report.as_uri()]
    assert ganaug("report", "--open") == 1
    assert "found no browser" in capsys.readouterr().err
