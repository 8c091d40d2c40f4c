"""`ganaug status`: which stages would run, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ganaug.core.config import ParamsFile
from ganaug.core.files import read_json
from ganaug.core.paths import Paths
from ganaug.experiment.stages import CHECKS, code_lists, stage_names
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
    lists = code_lists(params, paths.scripts)
    with open_project() as project:
        changes = project.changes({str(paths.code(stage)): text for stage, text in lists.items()})
        parents = project.parents
    after = [stage for stage in with_descendants(parents, changes.keys() - CHECKS) if stage not in changes]
    records = {_name_in_dvc(name): paths.stage_seconds(name) for name in stage_names(params)}
    recorded = [records[stage] for stage in (*changes, *after) if stage in records and records[stage].exists()]
    return Status(changes, after, len(parents), sum(read_json(path)["seconds"] for path in recorded))


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
    return [(phrases, by_family(because)) for because, phrases in ordered]


def by_family(stages: Iterable[str]) -> dict[str, int]:
    """Return family → number of its stages."""
    return dict(Counter(map(family, stages)))


def _name_in_dvc(stage: str) -> str:
    """Return DVC's name of a stage; DVC joins arm and replicate by a hyphen, which an arm's name may contain too."""
    name, at, arguments = stage.partition("@")
    return name + at + arguments.replace("@", "-")
