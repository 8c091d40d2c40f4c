"""`ganaug run --until-decided`: adds replicates until the answer is known or the time is up."""

from __future__ import annotations

import time
from pathlib import Path

from ganaug.core.config import ParamsFile
from ganaug.core.errors import InputError
from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.core.time_words import time_in_words
from ganaug.experiment.evaluate_settings import Evaluate
from ganaug.experiment.planning.plan import Pilot, extended
from ganaug.experiment.summary.reader import read_summary
from ganaug.runner.pipeline import run_pipeline, slots_of


def run_until_decided(paths: Paths, jobs: int | None, hours: float | None) -> None:
    """Run the pipeline at each of `evaluate.looks`, with that many replicates, until the verdict is not `undecided`.

    Each look writes its replicates to `replicates` in params.yaml; those of the last look stay there. hours: time
    budget; no look starts that would exceed it, judging by earlier looks.

    Raises InputError if params.yaml has no looks, if it has more replicates than the last look, or if a stage fails.
    """
    params = ParamsFile.load(paths.params)
    looks = params.section("evaluate", Evaluate).looks
    if looks is None:
        raise InputError(
            f"{paths.params}: evaluate.looks: the looks have to be fixed beforehand; give numbers of replicates, such "
            f"as looks: [3, 6, 12]"
        )
    started, done = time.monotonic(), len(params.replicates)
    if done > looks[-1]:
        raise InputError(
            f"{paths.params}: replicates: gives {done}, but the last of evaluate.looks is {looks[-1]}; add {done} to "
            f"evaluate.looks, or keep {looks[-1]} replicates"
        )
    for look in [number for number in looks if number >= done]:
        late = None if hours is None else _hours_late(paths, jobs, look, hours - (time.monotonic() - started) / 3600)
        if late is not None and late > 0:
            print(
                f"stopped before {look} replicates, which would exceed the time budget by {time_in_words(3600 * late)}"
            )
            return
        write_replicates(paths.params, look)
        run_pipeline(paths, jobs)
        answer = read_summary(paths.summary)["verdict"]["answer"]
        print(f"{look} replicates: {answer}")
        if answer != "undecided":
            return


def _hours_late(paths: Paths, jobs: int | None, replicates: int, left: float) -> float | None:
    """Return by how many hours a look would be late, or None if there is no earlier run to judge by."""
    slots = slots_of(ParamsFile.load(paths.params), jobs)
    try:
        pilot = Pilot.read(read_summary(paths.summary), read_json(paths.seconds), len(slots))
    except InputError:  # without an earlier run, start one
        return None
    return pilot.seconds(replicates, pilot.spread.seeds) / 3600 - left


def write_replicates(path: Path, number: int) -> None:
    """Write a list of `number` replicates into params.yaml: those already there, then the smallest unused numbers.

    Nothing else in the file changes, comments and layout included.
    """
    from ruamel.yaml import YAML

    text = path.read_text(encoding="utf-8")
    key, value = next(entry for entry in YAML().compose(text).value if entry[0].value == "replicates")
    start, stop = key.end_mark.index, value.end_mark.index
    given = text[start:stop].rstrip()  # a list with one entry per line ends where the next section begins
    wanted = extended(ParamsFile.load(path).replicates, number)
    path.write_text(f"{text[:start]}: {wanted}{text[start + len(given) :]}", encoding="utf-8")
