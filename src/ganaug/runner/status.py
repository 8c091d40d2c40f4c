"""`ganaug status`: which stages would run, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.experiment.stages import CHECKS, STAGES, stage_code
from ganaug.runner.durations import family
from ganaug.runner.graph import open_project, with_descendants


class Status(NamedTuple):
    """The stages that `dvc repro` would run, and why."""

    changes: Mapping[str, Sequence[str]]
    """Stage → changes since it last ran, one phrase each."""
    after: Sequence[str]
    """Stages that depend on those in `changes`. A stage here runs only if its inputs really change."""
    stages: int
    """The number of all stages."""
    seconds: float
    """Total duration of these stages when they last ran, as far as it is recorded."""


def read_status(paths: Paths) -> Status:
    """Compare params.yaml, inputs, outputs and code with those of each stage's last run; nothing is run or written.

    Raises InputError if DVC cannot read the project.
    """
    params = ParamsFile.load(paths.params)
    lists = {stage: stage_code(stage, params, paths.scripts) for stage in STAGES}
    with open_project() as project:
        changes = project.changes({str(paths.code(stage)): text for stage, text in lists.items()})
        parents = project.parents
    after = [stage for stage in with_descendants(parents, changes.keys() - CHECKS) if stage not in changes]
    return Status(changes, after, len(parents), _seconds([*changes, *after], paths))


def reasons(changes: Mapping[str, Sequence[str]]) -> list[tuple[list[str], dict[str, int]]]:
    """Return the changes, each with the stages that run because of it; changes that affect most stages come first.

    Changes that make the same stages run are grouped. Stages are counted by family: {"prepare": 1, "train_gan": 5}.
    """
    stages: dict[str, list[str]] = {}
    for stage, phrases in changes.items():
        for phrase in phrases:
            stages.setdefault(phrase, []).append(stage)
    together: dict[tuple[str, ...], list[str]] = {}
    for phrase, because in stages.items():
        together.setdefault(tuple(because), []).append(phrase)
    ordered = sorted(together.items(), key=lambda item: -len(item[0]))
    return [(phrases, dict(Counter(map(family, because)))) for because, phrases in ordered]


def _seconds(stages: Iterable[str], paths: Paths) -> float:
    """Return the total seconds of stages when they last ran; DVC's names join arm and replicate by a hyphen."""
    recorded = (paths.stage_seconds(stage.replace("-", "@")) for stage in stages)
    return sum(read_json(path)["seconds"] for path in recorded if path.exists())
