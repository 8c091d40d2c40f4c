"""Commands that only read results do not wait for large libraries."""

from pathlib import Path

import pytest
from finished_run import evaluate_run
from imports import HEAVY, imported_by
from small_pipeline import make_pipeline

from ganaug.experiment.arms.settings import Arm
from ganaug.runner.graph import open_project

TINY = Path(__file__).parents[1] / "tiny_params.yaml"


@pytest.fixture(scope="module")
def finished(tmp_path_factory, two_colours):
    """The folder of a project with results, in which nothing has to run."""
    folder = tmp_path_factory.mktemp("finished")
    right = {"real": (12, 13), "gan": (15, 17)}
    evaluate_run(folder, two_colours, right, {"real": Arm()}, {"gan": Arm(synthetic=0.5)})
    (folder / "params.yaml").write_bytes(TINY.read_bytes())
    make_pipeline(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with open_project() as project:
            project.reproduce()
    return folder


@pytest.mark.parametrize("arguments", [["summary"], ["report"]])
def test_results_are_shown_at_once(finished, monkeypatch, arguments):
    monkeypatch.chdir(finished)
    assert imported_by(*arguments) & HEAVY <= {"numpy"}


def test_a_plan_waits_for_statistics_only(finished, monkeypatch):
    monkeypatch.chdir(finished)
    assert imported_by("plan", "--hours", "1") & HEAVY <= {"numpy", "scipy"}


def test_a_run_with_nothing_to_do_waits_for_dvc_only(finished, monkeypatch):
    monkeypatch.chdir(finished)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert imported_by("run") & HEAVY <= {"numpy", "dvc"}


@pytest.mark.parametrize("module", ["tracking", "live", "publish"])
def test_what_logs_to_mlflow_imports_no_torch(module):
    assert not imported_by(module=f"ganaug.report.mlflow.{module}") & {"torch", "torchvision", "scipy", "sklearn"}
