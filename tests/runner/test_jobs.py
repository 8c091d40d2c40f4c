"""Stages side by side: order, failures and interruption."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from ganaug.runner import jobs
from ganaug.runner.durations import Durations
from ganaug.runner.jobs import State, run_jobs

GRAPH = {"gan@0": "", "gan@1": "", "set@0": "gan@0", "set@1": "gan@1", "end": "set@0 set@1"}
PARENTS = {stage: frozenset(parents.split()) for stage, parents in GRAPH.items()}


class Recorder:
    """Starts processes that write down when each stage starts and ends."""

    def __init__(self, folder: Path, fail: tuple[str, ...] = (), seconds: float = 0.0) -> None:
        self.path, self.fail, self.seconds = folder / "events", fail, seconds

    def start(self, stage, slot):
        process = multiprocessing.get_context("fork").Process(target=self.work, args=(stage, slot))
        process.start()
        return process

    def work(self, stage, slot):
        os.setsid()
        self.note(f"start {stage} {slot.get('GPU', '')}".strip())
        time.sleep(self.seconds)
        self.note(f"end {stage}")
        os._exit(3 if stage in self.fail else 0)

    def note(self, text):
        with self.path.open("a") as file:
            file.write(f"{text}\n")

    @property
    def events(self):
        return self.path.read_text().splitlines()

    @property
    def started(self):
        return [event.split()[1] for event in self.events if event.startswith("start")]


def run(recorder, slots=2, **options) -> State:
    return run_jobs(PARENTS, [{}] * slots, recorder.start, Durations({}), **options)


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_every_stage_runs_once_after_those_it_waits_for(tmp_path, slots):
    recorder = Recorder(tmp_path)
    state = run(recorder, slots)
    assert sorted(state.done) == sorted(PARENTS)
    assert (state.waiting, state.running, state.failed) == ({}, {}, [])
    assert sorted(recorder.started) == sorted(PARENTS)
    for stage, parents in PARENTS.items():
        for parent in parents:
            assert recorder.events.index(f"end {parent}") < recorder.events.index(f"start {stage}")


@pytest.mark.parametrize("slots", [1, 2, 3])
def test_there_are_never_more_stages_than_slots(tmp_path, slots):
    most = []
    run(Recorder(tmp_path, seconds=0.05), slots, show=lambda state: most.append(len(state.running)))
    assert max(most) == min(slots, 2)  # the graph has two branches


def test_a_slot_is_used_again_and_never_twice_at_once(tmp_path):
    recorder = Recorder(tmp_path, seconds=0.05)
    slots = [{"GPU": "a"}, {"GPU": "b"}]
    run_jobs(PARENTS, slots, recorder.start, Durations({}))
    on = {event.split()[1]: event.split()[2] for event in recorder.events if event.startswith("start")}
    assert {on["gan@0"], on["gan@1"]} == {on["set@0"], on["set@1"]} == {"a", "b"}


def test_a_failure_stops_only_what_depends_on_it(tmp_path):
    recorder = Recorder(tmp_path, fail=("gan@0",))
    state = run(recorder)
    assert state.failed == ["gan@0"]
    assert sorted(state.done) == ["gan@1", "set@1"]
    assert state.blocked == set(state.waiting) == {"set@0", "end"}


def test_a_killed_stage_has_failed(tmp_path):
    recorder = Recorder(tmp_path)
    recorder.work = lambda stage, slot: os.kill(os.getpid(), signal.SIGKILL)
    state = run_jobs({"gan@0": frozenset()}, [{}], recorder.start, Durations({}))
    assert (state.done, state.failed) == ([], ["gan@0"])


def test_unfinished_stages_of_the_last_run_come_first(tmp_path):
    recorder = Recorder(tmp_path)
    run(recorder, slots=1, first=["gan@1"])
    assert recorder.started[0] == "gan@1"


def test_the_longest_way_comes_first(tmp_path):
    recorder = Recorder(tmp_path)
    parents = {"arm@0": frozenset[str](), **PARENTS}
    run_jobs(parents, [{}], recorder.start, Durations({"gan": [9.0], "set": [1.0], "arm": [2.0], "end": [1.0]}))
    assert recorder.started[:3] == ["gan@0", "gan@1", "arm@0"]


def test_an_interruption_ends_all_that_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "GRACE", 0.5)
    recorder = Recorder(tmp_path, seconds=60.0)
    started = []

    def start(stage, slot):
        started.append(recorder.start(stage, slot))
        return started[-1]

    def interrupt(state):
        if len(state.running) == 2 and recorder.path.exists() and len(recorder.events) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "REFRESH", 0.05)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(PARENTS, [{}, {}], start, Durations({}), show=interrupt)
    assert len(started) == 2
    assert all(process.exitcode for process in started)
    assert not any(event.startswith("end") for event in recorder.events)


def test_a_stage_that_ignores_the_interruption_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "GRACE", 0.2)
    ready = tmp_path / "ready"

    def stubborn():
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ready.touch()
        time.sleep(60)

    def start(stage, slot):
        process = multiprocessing.get_context("fork").Process(target=stubborn)
        process.start()
        started.append(process)
        return process

    def interrupt(state):
        while not ready.exists():
            time.sleep(0.01)
        raise KeyboardInterrupt

    started = []
    with pytest.raises(KeyboardInterrupt):
        run_jobs({"gan@0": frozenset()}, [{}], start, Durations({}), show=interrupt)
    assert started[0].exitcode == -signal.SIGKILL
