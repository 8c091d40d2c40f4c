"""`ganaug run` gives the results of `dvc repro`, and a failure stops only the stages that depend on it."""

import json
import re

import pytest
from project import Project

pytestmark = pytest.mark.slow


def two_replicates(folder, *, cold: bool = False) -> Project:
    """Return a project with two replicates. cold: `dvc repro` makes no forks; `ganaug run` starts its own server."""
    project = Project(folder, cold=cold)
    project.edit(replicates=[0, 1], arms__augmented__gan={"synthetic": [0.25, 0.5]})
    return project


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The results of `dvc repro`."""
    project = two_replicates(tmp_path_factory.mktemp("plain"), cold=True)
    project.repro()
    return project.results()


def assert_same(found: dict[str, bytes], expected: dict[str, bytes]) -> None:
    assert [name for name in expected if found.get(name) != expected[name]] == []
    assert found.keys() == expected.keys()


@pytest.mark.parametrize("jobs", [1, 4])
def test_the_number_of_jobs_does_not_change_a_byte(plain, tmp_path, jobs):
    project = two_replicates(tmp_path, cold=jobs > 1)
    output = project.call("ganaug", "run", "--jobs", str(jobs))
    assert "report:" in output  # the results come last
    assert output.splitlines()[-1].endswith("viewStateShareKey=ganaug")
    assert_same(project.results(), plain)
    cost = json.loads((project.folder / "results/seconds/train_gan@0.json").read_text())
    assert cost.get("jobs", 1) == jobs
    assert ("side by side" in (project.folder / "results/report.html").read_text()) == (jobs > 1)
    assert list((project.folder / "logs").iterdir()) == []
    warnings = [line for line in output.splitlines() if "warning" in line]  # of so short a training, and none of MLflow
    assert all(re.match(r"train_gan@[01]: warning: generator undertrained", line) for line in warnings), warnings
    assert project.repro() == []
    runs = project.runs()
    assert len([run for run in runs if "mlflow.parentRunId" not in run]) == 1
    assert sorted(run["mlflow.runName"] for run in runs if "mlflow.parentRunId" in run) == sorted(
        f"{name} {replicate}{kind}"
        for replicate in (0, 1)
        for name, kind in (("gan", ""), ("gan", " classifier"), ("real", " classifier"))
    )


def test_a_failure_with_two_jobs_is_named_and_costs_only_what_depends_on_it(plain, tmp_path):
    project = two_replicates(tmp_path)
    script = project.folder / "pipeline/generate.py"
    broken = 'if sys.argv[1] == "1" and not Path("mended").exists():\n    sys.exit("the disk is full")\n'
    script.write_text(f"import sys\nfrom pathlib import Path\n{broken}{script.read_text()}")
    done = project.try_call("ganaug", "run", "--jobs", "2")
    assert done.returncode == 1
    assert "generate@1 failed; the end of logs/generate@1.log:" in done.stdout
    assert "the disk is full" in done.stdout
    assert re.search(r"error: generate@1 failed; 12 of 19 stages are done", done.stdout)
    assert [file.name for file in (project.folder / "logs").iterdir()] == ["generate@1.log"]
    assert (project.folder / "results/trials/gan/0.npy").exists()

    before = {file: file.stat().st_mtime_ns for file in (project.folder / "results/seconds").iterdir()}
    (project.folder / "mended").touch()
    project.call("ganaug", "run", "--jobs", "2")
    after = {file: file.stat().st_mtime_ns for file in (project.folder / "results/seconds").iterdir()}
    assert {file.name for file in after.keys() - before.keys()} == {
        *("generate@1.json", "measure@1.json", "try_shares@gan@1.json", "choose_share@gan.json"),
        *("train_augmented@gan@0.json", "train_augmented@gan@1.json"),
    }
    assert {file: after[file] for file in before} == before
    assert_same(project.results(), plain)
    assert project.repro() == []


def test_what_is_wrong_in_params_stops_before_anything_runs(tmp_path):
    project = Project(tmp_path)
    project.edit(train_gan__objective={"name": "hing"})
    done = project.try_call("ganaug", "run")
    assert done.returncode == 1
    assert "did you mean 'hinge'" in done.stdout
    project.edit(train_gan__objective={"name": "hinge"}, threads=0)
    assert "threads: give an integer, 1 or above (given: 0)" in project.try_call("ganaug", "run").stdout
    assert not (project.folder / "models").exists()
