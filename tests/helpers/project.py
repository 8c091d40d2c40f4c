"""A copy of the project, for tests that run its stages."""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from ganaug.runner import warm

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "tests/helpers"
BIN = Path(sys.executable).parent
TOP = ("dvc.yaml", ".dvcignore", ".dvc/config", "pipeline", "src", "data/raw/README.md")


@cache
def warm_server() -> str:
    """Return the launcher that runs a command as a fork of a server, which lives until the tests end."""
    path = until_the_tests_end(tempfile.TemporaryDirectory())
    program = str(HELPERS / "warm_with_more.py")
    return until_the_tests_end(
        warm.server(Path(path) / "socket", program, OMP_NUM_THREADS="1", MLFLOW_DISABLE_TELEMETRY="true")
    )


@cache
def warm_tools() -> str:
    """Return a folder for PATH whose `dvc` and `ganaug` run as forks of that server."""
    folder = Path(until_the_tests_end(tempfile.TemporaryDirectory()))
    for name in ("dvc", "ganaug"):
        started = f"{warm_server()} python {HELPERS / 'run_and_leave.py'} {BIN / name}"
        (folder / name).write_text(f'#!/bin/sh\nexec {started} "$@"\n')
        (folder / name).chmod(0o755)
    return str(folder)


def until_the_tests_end(context: AbstractContextManager[str]) -> str:
    """Enter a context, and leave it when the tests end."""
    cleanup = ExitStack()
    atexit.register(cleanup.close)
    return cleanup.enter_context(context)


class Project:
    """An unpacked copy of the project, without git, that stages run in."""

    def __init__(self, folder: Path, *, cold: bool = False, packages: Path | None = None) -> None:
        """Copy the project to `folder`.

        cold: let stages, `dvc` and `ganaug` import their libraries, instead of forking them. packages: another
        folder for the package, as if it were installed there.
        """
        self.folder, packages = folder, packages or folder / "src"
        for name in TOP:
            source, target = ROOT / name, packages if name == "src" else folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
            else:
                shutil.copy(source, target)
        shutil.copy(ROOT / "tests/tiny_params.yaml", folder / "params.yaml")
        self.environment = {
            **os.environ,
            "PATH": os.pathsep.join([*([] if cold else [warm_tools()]), str(BIN), os.environ["PATH"]]),
            "PYTHONPATH": str(packages),
        }
        self.environment.pop("MLFLOW_TRACKING_URI", None)
        if not cold:
            self.environment["GANAUG_LAUNCH"] = warm_server()
        self.call("dvc", "config", "--local", "core.no_scm", "true")

    def call(self, *command: str, **environment: str) -> str:
        """Run a command that must succeed and return what it printed."""
        done = self.try_call(*command, **environment)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def try_call(self, *command: str, **environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def repro(self, **environment: str) -> list[str]:
        """Return the stages that `dvc repro` ran, except the list of code and the checks, which are cheap."""
        return self.stages_in(self.call("dvc", "repro", **environment))

    def stages_in(self, output: str) -> list[str]:
        """Return the stages that `dvc repro` ran, by its output."""
        ran = re.findall(r"Running stage '(.*?)'", output)
        return [name for name in ran if not name.startswith(("pipeline/dvc.yaml:", "check"))]

    def changed_code(self) -> set[str]:
        """List the stages' code again, and return the stages whose code has changed; all that train arms: "arms"."""
        before = self.code()
        self.call("python", "pipeline/list_code.py")
        changed = {stage for stage, text in self.code().items() if before[stage] != text}
        arms = {"train_baseline", "train_informed", "try_shares", "train_augmented"}
        return {"arms" if stage in arms else stage for stage in changed}

    def code(self) -> dict[str, str]:
        """Return the code of each stage, as last listed."""
        return {file.stem: file.read_text(encoding="utf-8") for file in (self.folder / "code").glob("*.txt")}

    def edit(self, **changes: object) -> None:
        """Set values in params.yaml; a double underscore stands for a dot."""
        yaml = YAML()
        params = yaml.load(self.folder / "params.yaml")
        for place, value in changes.items():
            *parents, last = place.split("__")
            section = params
            for parent in parents:
                section = section[parent]
            section[last] = value
        yaml.dump(params, self.folder / "params.yaml")

    def results(self) -> dict[str, bytes]:
        """Return the content of every result except costs and the report, which shows them."""
        found = {}
        for top in ("data/prepared", "data/synthetic", "models", "results"):
            for file in (self.folder / top).rglob("*"):
                if file.is_file() and "seconds" not in str(file) and file.name != "report.html":
                    found[str(file.relative_to(self.folder))] = file.read_bytes()
        summary = json.loads(found["results/summary.json"])
        summary.pop("cost")
        return found | {"results/summary.json": json.dumps(summary).encode()}

    def runs(self) -> list[dict[str, str]]:
        """Return tags of every MLflow run."""
        script = (
            "import json, mlflow; c = mlflow.MlflowClient(); e = c.get_experiment_by_name('ganaug');"
            "print(json.dumps([{**r.data.tags, 'status': r.info.status, 'metrics': len(r.data.metrics)}"
            " for r in c.search_runs([e.experiment_id])]))"
        )
        return json.loads(self.call("python", "-c", script).splitlines()[-1])
