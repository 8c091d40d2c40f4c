"""The pipeline as DVC sees it: its stages, what each depends on, and which of them have to run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ganaug.core.errors import InputError
from ganaug.runner.changes import changes_of

Parents = Mapping[str, frozenset[str]]
"""Stage → the stages whose outputs it reads. The stages are in an order in which they can run one after another."""


class Project:
    """DVC's project in the current folder, opened by `open_project`."""

    def __init__(self, repo: Any) -> None:
        """Read the stages of an open and locked repository."""
        self._repo = repo
        self._index = repo.index

    @property
    def parents(self) -> Parents:
        """The graph of its stages."""
        import networkx

        graph = self._index.graph  # its edges lead from a stage to those whose outputs it reads
        stages = [stage for stage in networkx.dfs_postorder_nodes(graph) if stage.cmd]  # others only hold data
        return {
            stage.addressing: frozenset(parent.addressing for parent in graph.successors(stage) if parent.cmd)
            for stage in stages
        }

    def reproduce(self, *targets: str) -> None:
        """Run what has changed among `targets` and the stages they depend on; without targets, among all stages.

        Raises InputError if a stage fails.
        """
        from dvc.exceptions import ReproductionError
        from dvc.stage.exceptions import StageCmdFailedError

        self._index = self._repo.index  # what DVC uses now: it forgets its index whenever a stage runs
        try:
            self._repo.reproduce(targets)
        except ReproductionError as error:
            why = error.__cause__
            explained = why is None or isinstance(why, StageCmdFailedError)  # by the stage itself
            raise InputError(f"{error}; see above" if explained else f"{error}: {why}") from None

    def changed(self) -> set[str]:
        """Return the stages whose parameters, inputs or outputs differ from those of their last run; runs nothing."""
        return {stage.addressing for stage in self._index.stages if stage.cmd and stage.status()}

    def changes(self, code: Mapping[str, str]) -> dict[str, list[str]]:
        """Return stage → changes since its last run, one phrase each, for changed stages except those that always run.

        code: path → the code list as it is now.
        """
        changes = {
            stage.addressing: changes_of(stage, code, self._cached_text)
            for stage in self._index.stages
            if stage.cmd and not stage.always_changed
        }
        return {stage: phrases for stage, phrases in changes.items() if phrases}

    def _cached_text(self, digest: str) -> str | None:
        path = Path(self._repo.cache.local.oid_to_path(digest))
        return path.read_text(encoding="utf-8") if path.exists() else None


@contextmanager
def open_project() -> Iterator[Project]:
    """Open DVC's project in the current folder, and keep other processes from changing it meanwhile.

    The project is read once, because reading takes DVC about as long as finding out that nothing has changed.

    Raises InputError if DVC cannot read it.
    """
    from dvc.exceptions import DvcException
    from dvc.logger import set_loggers_level
    from dvc.repo import Repo, lock_repo
    from dvc.scm import SCMError

    try:
        with set_loggers_level(logging.CRITICAL), Repo() as repo, lock_repo(repo):  # as with dvc's --quiet
            yield Project(repo)
    except SCMError as error:
        raise InputError(
            f"{error}; create one with git init, or tell DVC to do without: dvc config --local core.no_scm true"
        ) from None
    except DvcException as error:
        raise InputError(str(error)) from None


def first_stages(parents: Parents) -> list[str]:
    """Return the stages at the beginning that can only run one after another."""
    stages, ancestors = list(parents), _ancestors(parents)
    first: list[str] = []
    for number, stage in enumerate(stages[:-1], 1):
        if not all(stage in ancestors[later] for later in stages[number:]):
            break
        first.append(stage)
    return first


def with_descendants(parents: Parents, stages: Iterable[str]) -> Parents:
    """Return the part of the graph that holds only `stages` and everything that depends on them."""
    ancestors, wanted = _ancestors(parents), set(stages)
    part = {stage for stage in parents if stage in wanted or ancestors[stage] & wanted}
    return {stage: parents[stage] & part for stage in parents if stage in part}


def _ancestors(parents: Parents) -> dict[str, set[str]]:
    ancestors: dict[str, set[str]] = {}
    for stage, direct in parents.items():
        ancestors[stage] = set(direct).union(*(ancestors[parent] for parent in direct))
    return ancestors
