"""Paths inside a project."""

import inspect
from pathlib import Path

import pytest

from ganaug.core.paths import HERE, Paths

PLACES = [name for name in vars(Paths) if not name.startswith("_") and name != "root"]


def place(paths: Paths, name: str) -> Path:
    """Return one of the paths; a path of a replicate, an arm or a stage is that of "0"."""
    found = getattr(paths, name)
    return found if isinstance(found, Path) else found(*["0"] * len(inspect.signature(found).parameters))


@pytest.mark.parametrize("name", PLACES)
def test_every_path_is_below_the_root(name):
    assert place(Paths(Path("/project")), name) == Path("/project") / place(HERE, name)


def test_no_two_paths_are_equal():
    assert len({place(HERE, name) for name in PLACES}) == len(PLACES)


def test_a_replicate_may_be_a_number_or_text():
    assert HERE.train(3) == HERE.train("3")
