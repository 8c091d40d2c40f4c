"""Adding replicates until the answer is known."""

import json

import pytest
from summaries import tiny

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import write_json
from ganaug.core.paths import Paths
from ganaug.experiment.statistics.estimate import Estimate
from ganaug.experiment.statistics.spread import Spread
from ganaug.runner import until_decided
from ganaug.runner.until_decided import run_until_decided, write_replicates

FLOW = "seed: 0  # of everything\nreplicates: [2, 0]  # complete repetitions\nthreads: 1\n"
BLOCK = "seed: 0\nreplicates:  # complete\n  - 2\n  - 0\n\nthreads: 1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (FLOW, "seed: 0  # of everything\nreplicates: [2, 0, 1]  # complete repetitions\nthreads: 1\n"),
        (BLOCK, "seed: 0\nreplicates: [2, 0, 1]\n\nthreads: 1\n"),
    ],
)
def test_nothing_but_the_list_of_replicates_changes(tmp_path, text, expected):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    write_replicates(path, 3)
    assert path.read_text() == expected
    assert ParamsFile.load(path).replicates == (2, 0, 1)


@pytest.fixture
def looks(tmp_path, monkeypatch):
    """Return a function that runs until decided with the given answers, in turn, and returns the looks taken."""
    paths = Paths(tmp_path)
    spread = Spread(Estimate(0.01, (0.0, 0.02), 0.0002, 0.0), 1, None)
    parts = {stage: {"seconds": 3600.0} for stage in ("train_gan", "generate", "measure", "try_shares")}
    parts |= {stage: {"seconds": 0.0} for stage in ("train_ensemble", "train_baseline", "train_augmented")}

    def follow(answers, hours=None, given="looks: [2, 3, 6]"):
        paths.params.write_text(f"replicates: [0, 1]\nthreads: 1\ntrain_gan: {{}}\nevaluate: {{{given}}}\n")
        taken, remaining = [], iter(answers)

        def run(paths, jobs):
            replicates = list(ParamsFile.load(paths.params).replicates)
            taken.append(len(replicates))
            paths.summary.parent.mkdir(exist_ok=True)
            verdict = tiny()["verdict"] | {"answer": next(remaining)}
            write_json(
                paths.summary, tiny() | {"verdict": verdict, "spread": spread.as_dict(), "replicates": replicates}
            )
            paths.seconds.write_text(json.dumps(parts))

        monkeypatch.setattr(until_decided, "run_pipeline", run)
        run_until_decided(paths, 1, hours)
        return taken

    return follow


def test_replicates_are_added_until_the_answer_is_known(looks):
    assert looks(["undecided", "helps"]) == [2, 3]
    assert looks(["no effect"]) == [2]
    assert looks(["nothing learned"]) == [2]  # more replicates would not help
    assert looks(["undecided"] * 3) == [2, 3, 6]


def test_no_look_starts_that_would_end_too_late(looks, capsys):
    # the pilot's two replicates took four hours: each further one takes two, so the third look takes 8 h more
    assert looks(["undecided"] * 3, hours=3) == [2, 3]
    assert "stopped before 6 replicates" in capsys.readouterr().out


def test_looks_have_to_be_fixed_beforehand(looks):
    with pytest.raises(InputError, match=r"evaluate.looks: .*beforehand"):
        looks([], given="looks: null")


def test_no_replicate_is_dropped_to_fit_the_looks(looks, tmp_path):
    with pytest.raises(InputError, match=r"replicates: gives 2, but the last of evaluate.looks is 1"):
        looks([], given="looks: [1]")
    assert ParamsFile.load(Paths(tmp_path).params).replicates == (0, 1)


def test_results_that_tell_nothing_stop_no_look(looks, tmp_path):
    Paths(tmp_path).summary.parent.mkdir()
    Paths(tmp_path).summary.write_text('{"verdict": {}}')  # of an earlier version
    assert looks(["helps"], hours=1) == [2]
