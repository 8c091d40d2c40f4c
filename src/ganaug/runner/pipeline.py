"""`ganaug run`: the whole pipeline, several stages side by side."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import read_json
from ganaug.core.messages import is_message
from ganaug.core.paths import Paths
from ganaug.runner import warm
from ganaug.runner.board import Board
from ganaug.runner.durations import Durations, family
from ganaug.runner.graph import Parents, first_stages, open_project, with_descendants
from ganaug.runner.jobs import Slot, State, run_jobs
from ganaug.runner.lock_file import quick_lock_file
from ganaug.runner.slots import make_slots, visible_gpus

FIRST = ("neighbour", "train_baseline", "left_to_gain")
"""Stages that start before others, so that users soon see what the data allow without a GAN. On two cores, this does
not lengthen the default run (docs/decisions/0064)."""
LAST_LINES = 15
"""Number of lines of a failed stage's output that are shown."""


def run_pipeline(paths: Paths, jobs: int | None) -> None:
    """Run what `dvc repro` would run, up to `jobs` stages side by side, with the same results.

    jobs: None for as many as the cores, or the GPUs, can serve. Stages that can only run one after another come first.
    Stages that run side by side write what they print to `logs/`, which keeps only the logs of stages that did not
    succeed: the next run begins with these stages, and with those in FIRST. At the end, `dvc repro` makes sure that
    nothing is missing.

    Raises InputError if a stage fails, once all stages that do not depend on it have run.
    """
    params = ParamsFile.load(paths.params)
    slots = slots_of(params, jobs)
    with open_project() as project:
        graph = project.parents
        first = first_stages(graph)
        if first:
            print(f"{len(graph)} stages; first, one after another: {', '.join(map(_name, first))}", flush=True)
            project.reproduce(first[-1])
        todo = with_descendants(graph, project.changed() - set(first))
    if not todo:
        print("nothing has changed since the last run", flush=True)
    else:
        print(f"{len(todo)} of the others have to run, up to {len(slots)} side by side", flush=True)
        with _environment(params.threads, len(slots)):
            subprocess.run([sys.executable, "-m", "ganaug.report.mlflow.tracking"], check=False)
            _run_side_by_side(todo, slots, paths)
        with open_project() as project:
            project.reproduce()


def slots_of(params: ParamsFile, jobs: int | None) -> list[Slot]:
    """Return the slots that stages run in. jobs: None for as many as the cores, or the GPUs, can serve."""
    return make_slots(jobs, params.threads, visible_gpus(), _gpus_per_job(params))


def _run_side_by_side(todo: Parents, slots: Sequence[Slot], paths: Paths) -> None:
    """Run all stages, and show their progress. Raises InputError if some fail."""
    import dvc.cli  # noqa: F401 - here, so that no fork of this process has to import it

    paths.log("").parent.mkdir(exist_ok=True)
    first = [stage for stage in todo if paths.log(stage).exists() or family(stage) in FIRST]
    durations = Durations(_recorded(todo, paths))
    board = Board(len(todo), durations, len(slots), _purposes(paths))
    reported: set[str] = set()

    def show(state: State) -> None:
        for stage in {*state.done, *state.failed} - reported:
            reported.add(stage)
            _report(stage, paths, board, failed=stage in state.failed)
        board.show(state)

    try:
        with quick_lock_file(paths.lock):
            state = run_jobs(todo, slots, lambda stage, slot: _start(stage, slot, paths), durations, first, show)
    finally:
        board.close()
    if state.failed:
        raise InputError(
            f"{', '.join(state.failed)} failed; {len(state.done)} of {len(todo)} stages are done, and their results "
            f"are kept; see {paths.log('').parent}/, fix the cause and run again; failed stages start first"
        )


def _name(stage: str) -> str:
    """Return a stage's name without the file that defines it."""
    return stage.rpartition(":")[2]


def _purposes(paths: Paths) -> dict[str, str]:
    """Return what the stages of each family do, according to dvc.yaml."""
    stages = ParamsFile.load(paths.root / "dvc.yaml").section("stages", dict[str, dict[str, Any]])
    return {name: stage["desc"] for name, stage in stages.items() if "desc" in stage}


def _gpus_per_job(params: ParamsFile) -> int:
    """Return the number of GPUs that training a GAN takes, according to params.yaml; 1 if it gives no number."""
    devices = params.section("train_gan", dict).get("trainer", {}).get("devices", 1)
    return devices if isinstance(devices, int) and devices > 0 else 1


def _start(stage: str, slot: Slot, paths: Paths) -> BaseProcess:
    """Start one stage in a fork of this process, which has DVC in memory already."""
    process = multiprocessing.get_context("fork").Process(target=_stage, args=(stage, slot, paths.log(stage)))
    process.start()
    return process


def _stage(stage: str, slot: Slot, log: Path) -> None:
    """Run one stage, without the stages it depends on, and write what it prints to `log`."""
    from dvc.cli import main

    os.setsid()
    os.environ |= slot
    with log.open("wb") as file, Path(os.devnull).open("rb") as nothing:
        for stream, number in ((nothing, 0), (file, 1), (file, 2)):
            os.dup2(stream.fileno(), number)
    sys.exit(main(["--wait-for-lock", "repro", "--single-item", stage]))  # others may be writing dvc.lock


def _report(stage: str, paths: Paths, board: Board, *, failed: bool) -> None:
    """Show a failed stage's last lines; or a successful stage's messages, and delete its log."""
    log = paths.log(stage)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if failed:
        board.message("\n".join([f"{stage} failed; the end of {log}:", *(f"  {line}" for line in lines[-LAST_LINES:])]))
        return
    for line in lines:
        if is_message(line):
            board.message(f"{stage}: {line}")
    log.unlink()


def _recorded(stages: Mapping[str, object], paths: Paths) -> dict[str, list[float]]:
    """Return the seconds that stages took in an earlier run, by family."""
    recorded: dict[str, list[float]] = {}
    for name in {family(stage) for stage in stages}:
        for path in paths.stage_seconds("").parent.glob(f"{name}@*.json"):
            recorded.setdefault(name, []).append(read_json(path)["seconds"])
    return recorded


@contextmanager
def _environment(threads: int, jobs: int) -> Iterator[None]:
    """Set the environment of stages that run side by side; on Linux, start the server that spares them the imports."""
    before = dict(os.environ)
    os.environ["GANAUG_JOBS"] = str(jobs)
    try:
        if sys.platform != "linux" or os.environ.get("GANAUG_LAUNCH"):
            yield
            return
        with (
            tempfile.TemporaryDirectory() as folder,
            warm.server(Path(folder) / "warm", OMP_NUM_THREADS=str(threads)) as launch,
        ):
            os.environ["GANAUG_LAUNCH"] = launch
            yield
    finally:
        os.environ.clear()
        os.environ |= before
