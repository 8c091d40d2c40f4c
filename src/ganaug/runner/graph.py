"""The pipeline as DVC sees it: its stages, what each waits for, and which of them have to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ganaug.core.errors import InputError

Parents = Mapping[str, frozenset[str]]
"""Stage → the stages whose outputs it reads. The stages are in an order in which they can run one after another."""


def read_graph() -> Parents:
    """Return the graph of the project in the current folder. Raises InputError if DVC cannot read it."""
    import networkx

    with _repository() as repo:
        graph = repo.index.graph  # its edges lead from a stage to those whose outputs it reads
        stages = [stage for stage in networkx.dfs_postorder_nodes(graph) if stage.cmd]  # others only hold data
        return {
            stage.addressing: frozenset(one.addressing for one in graph.successors(stage) if one.cmd)
            for stage in stages
        }


def changed_stages() -> set[str]:
    """Return the stages whose parameters, inputs or outputs are not those of their last run; runs nothing.

    Raises InputError if DVC cannot read the project.
    """
    with _repository() as repo:
        return set(repo.status())


@contextmanager
def _repository() -> Iterator[Any]:
    """Open DVC's project in the current folder."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc.scm import SCMError

    try:
        with Repo() as repo:
            yield repo
    except SCMError as error:
        raise InputError(
            f"{error}; create one with git init, or do without: dvc config --local core.no_scm true"
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
    """Return the part of the graph that has only `stages` and everything that depends on them."""
    ancestors, wanted = _ancestors(parents), set(stages)
    part = {stage for stage in parents if stage in wanted or ancestors[stage] & wanted}
    return {stage: parents[stage] & part for stage in parents if stage in part}


def _ancestors(parents: Parents) -> dict[str, set[str]]:
    ancestors: dict[str, set[str]] = {}
    for stage, direct in parents.items():
        ancestors[stage] = set(direct).union(*(ancestors[parent] for parent in direct))
    return ancestors
